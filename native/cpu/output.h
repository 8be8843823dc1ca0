// The epilogue of a forward convolution: dropout, batch statistics, and the store into the channel slice.
#ifndef DENSENET4J_CPU_OUTPUT_H
#define DENSENET4J_CPU_OUTPUT_H

#include "philox.h"
#include "statistics.h"

namespace dn {

class OutputEpilogue {
 public:
  OutputEpilogue(Workspace& workspace, const dn_slice& y, const dn_statistics& statistics, const dn_dropout& dropout,
                 int64_t channels, int64_t chunks, int64_t threads)
      : y_(y),
        mask_(dropout, channels),
        channels_(channels),
        statistics_(workspace, statistics, channels, chunks, threads) {}

  class Chunk {
   public:
    // A register tile whose first pixel is `pixel`, row `row` of the current tile of pixels.
    template <class T>
    DN_INLINE void add(T& tile, int64_t pixel, int64_t row, int64_t vector) {
      if (of_->mask_.active()) drop(tile, pixel, vector);
      statistics_.add(tile, row, vector);
      const int64_t pitch = of_->y_.pitch;
#pragma GCC unroll 3
      for (int v = 0; v < T::kVectors; v++) {
        const int64_t c = (vector + v) * kLanes, n = lanes(c, of_->channels_);
        float* to = of_->y_.data + pixel * pitch + c;
        if (n == kLanes) {
#pragma GCC unroll 16
          for (int p = 0; p < T::kRows; p++) store(to + p * pitch, tile.acc[p][v]);
        } else {
#pragma GCC unroll 16
          for (int p = 0; p < T::kRows; p++) store_first(to + p * pitch, tile.acc[p][v], n);
        }
      }
    }

    void flush(int64_t pixels) { statistics_.flush(pixels); }

   private:
    friend class OutputEpilogue;
    Chunk(const OutputEpilogue* of, int64_t index, int thread)
        : of_(of), statistics_(of->statistics_.chunk(index, thread)) {}

    template <class T>
    void drop(T& tile, int64_t pixel, int64_t vector) const {
      constexpr int64_t kWidth = T::kVectors * kLanes;
      float values[T::kRows * kWidth];
      const int64_t c = vector * kLanes;
      tile.store_to(values, kWidth);
      of_->mask_.apply(values, kWidth, pixel, T::kRows, c, std::min(kWidth, of_->channels_ - c));
      tile.load_from(values, kWidth);
    }

    const OutputEpilogue* of_;
    StatisticsEpilogue::Chunk statistics_;
  };

  Chunk chunk(int64_t index, int thread) const { return Chunk(this, index, thread); }
  void finish() const { statistics_.finish(); }

 private:
  dn_slice y_;
  DropoutMask mask_;
  int64_t channels_;
  StatisticsEpilogue statistics_;
};

}  // namespace dn
#endif
