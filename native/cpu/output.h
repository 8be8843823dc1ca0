// The epilogue of a forward convolution: dropout, batch statistics, and the store into the channel slice.
#ifndef DENSENET4J_CPU_OUTPUT_H
#define DENSENET4J_CPU_OUTPUT_H

#include "ahead.h"
#include "philox.h"
#include "statistics.h"

namespace dn {

template <class T>
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
    template <class Tile>
    DN_INLINE void add(Tile& tile, int64_t pixel, int64_t row, int64_t vector) {
      if (of_->mask_.active()) {
        float values[Tile::kRows * Tile::kVectors * kLanes];
        tile.store_to(values, Tile::kVectors * kLanes);
        drop<Tile>(values, pixel, vector);
        tile.load_from(values, Tile::kVectors * kLanes);
      }
      statistics_.add(tile, row, vector);
      const int64_t pitch = of_->y_.pitch;
#pragma GCC unroll 3
      for (int v = 0; v < Tile::kVectors; v++) {
        const int64_t c = (vector + v) * kLanes, n = lanes(c, of_->channels_);
        T* to = of_->y_.at(pixel, c);
        if (n == kLanes) {
#pragma GCC unroll 16
          for (int p = 0; p < Tile::kRows; p++) store(to + p * pitch, tile.acc[p][v]);
        } else {
#pragma GCC unroll 16
          for (int p = 0; p < Tile::kRows; p++) store_first(to + p * pitch, tile.acc[p][v], n);
        }
      }
    }

    // What add() will write: `channels` channels from c on.
    Ahead ahead(int64_t pixel, int64_t pixels, int64_t c, int64_t channels) const {
      return Ahead(of_->y_.at(pixel, c), of_->y_.pitch, pixels, channels);
    }

    void flush(int64_t pixels) { statistics_.flush(pixels); }

   private:
    friend class OutputEpilogue;
    Chunk(const OutputEpilogue* of, int64_t index, int thread)
        : of_(of), statistics_(of->statistics_.chunk(index, thread)) {}

    // On a copy and out of line: calls would take the registers of tiles that nothing is dropped from.
    template <class Tile>
    __attribute__((noinline)) void drop(float* values, int64_t pixel, int64_t vector) const {
      for (int p = 0; p < Tile::kRows; p++) {
        for (int v = 0; v < Tile::kVectors; v++, values += kLanes) {
          store(values, load(values) * of_->mask_.factors(pixel + p, (vector + v) * kLanes));
        }
      }
    }

    const OutputEpilogue* of_;
    StatisticsEpilogue::Chunk statistics_;
  };

  Chunk chunk(int64_t index, int thread) const { return Chunk(this, index, thread); }
  void finish() const { statistics_.finish(); }

 private:
  Slice<T> y_;
  DropoutMask mask_;
  int64_t channels_;
  StatisticsEpilogue statistics_;
};

}  // namespace dn
#endif
