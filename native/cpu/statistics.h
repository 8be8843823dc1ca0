// Batch statistics as an epilogue: sums about a pivot (the chunk's first pixel), in float32 over one tile of pixels, in
// double over one chunk, then Chan's merge over the chunks in order. The pivot saves the variance of channels whose mean
// is large beside it.
#ifndef DENSENET4J_CPU_STATISTICS_H
#define DENSENET4J_CPU_STATISTICS_H

#include <algorithm>

#include "densenet4j.h"
#include "tile.h"
#include "workspace.h"

namespace dn {

class StatisticsEpilogue {
  // Rows of `padded` channels in the chunk's doubles and in the thread's floats.
  enum { kPivot, kSum, kSquare, kRows };

 public:
  StatisticsEpilogue(Workspace& workspace, const dn_statistics& to, int64_t channels, int64_t chunks, int64_t threads)
      : to_(to),
        channels_(channels),
        padded_(round_to_lanes(channels)),
        chunks_(chunks),
        counts_(workspace.take<int64_t>(chunks)),
        chunk_sums_(workspace.take<double>(chunks * kRows * padded_)),
        thread_sums_(workspace, threads, kRows * padded_),
        tile_sums_(workspace, threads, kRows * padded_) {}

  class Chunk {
   public:
    // Adds a register tile that starts at `row` of the current tile of pixels and at `vector` of the channels.
    template <class T>
    DN_INLINE void add(const T& tile, int64_t row, int64_t vector) {
      if (!wanted_) return;
      float* at = tile_ + vector * kLanes;
#pragma GCC unroll 3
      for (int v = 0; v < T::kVectors; v++, at += kLanes) {
        if (pixels_ == 0 && row == 0) start(at, tile.acc[0][v]);
        const Vec pivot = load(at + kPivot * padded_);
        Vec sum = load(at + kSum * padded_), square = load(at + kSquare * padded_);
#pragma GCC unroll 16
        for (int p = 0; p < T::kRows; p++) {
          const Vec d = tile.acc[p][v] - pivot;
          sum = sum + d;
          square = fma(d, d, square);
        }
        store(at + kSum * padded_, sum);
        store(at + kSquare * padded_, square);
      }
    }

    // Ends a tile of pixels, all channels of which have been added.
    void flush(int64_t pixels) {
      if (!wanted_) return;
      if (pixels_ == 0) std::copy(tile_, tile_ + padded_, chunk_);
      pixels_ += pixels;
      for (int64_t i = padded_; i < kRows * padded_; i++) {
        chunk_[i] += tile_[i];
        tile_[i] = 0;
      }
    }

    ~Chunk() {
      *count_ = pixels_;
      if (wanted_) std::copy(chunk_, chunk_ + kRows * padded_, to_);
    }

   private:
    friend class StatisticsEpilogue;
    Chunk(bool wanted, int64_t padded, float* tile, double* chunk, double* to, int64_t* count)
        : wanted_(wanted), padded_(padded), tile_(tile), chunk_(chunk), to_(to), count_(count) {
      if (wanted) std::fill(chunk + padded, chunk + kRows * padded, 0.0);
    }

    void start(float* at, Vec pivot) const {
      store(at + kPivot * padded_, pivot);
      store(at + kSum * padded_, zero());
      store(at + kSquare * padded_, zero());
    }

    bool wanted_;
    int64_t padded_, pixels_ = 0;
    float* tile_;
    double* chunk_;
    double* to_;
    int64_t* count_;
  };

  Chunk chunk(int64_t index, int thread) const {
    return Chunk(to_.mean != nullptr, padded_, tile_sums_.of(thread), thread_sums_.of(thread),
                 chunk_sums_ + index * kRows * padded_, counts_ + index);
  }

  // After all chunks: the statistics.
  void finish() const {
    if (to_.mean == nullptr) return;
    for (int64_t c = 0; c < channels_; c++) {
      double n = 0, mean = 0, m2 = 0;
      for (int64_t i = 0; i < chunks_; i++) {
        const double* sums = chunk_sums_ + i * kRows * padded_ + c;
        const double count = static_cast<double>(counts_[i]), sum = sums[kSum * padded_];
        const double chunk_mean = sums[kPivot * padded_] + sum / count;
        const double chunk_m2 = sums[kSquare * padded_] - sum * sum / count;
        const double delta = chunk_mean - mean, total = n + count;
        m2 += chunk_m2 + delta * delta * n * count / total;
        mean += delta * count / total;
        n = total;
      }
      to_.mean[c] = static_cast<float>(mean);
      // In this order: std::max returns its first argument when either is NaN.
      to_.variance[c] = static_cast<float>(std::max(m2 / n, 0.0));
    }
  }

 private:
  dn_statistics to_;
  int64_t channels_, padded_, chunks_;
  int64_t* counts_;
  double* chunk_sums_;
  PerThread<double> thread_sums_;
  PerThread<float> tile_sums_;
};

}  // namespace dn
#endif
