// The gradient of a weight as the chunks of pixels sum it up, each on its own, and their sum.
#ifndef DENSENET4J_CPU_PARTIAL_H
#define DENSENET4J_CPU_PARTIAL_H

#include <algorithm>

#include "chunks.h"
#include "simd.h"
#include "workspace.h"

namespace dn {

class PartialSums {
 public:
  // A chunk sums `rows` x `columns` values.
  PartialSums(Workspace& workspace, int64_t chunks, int64_t rows, int64_t columns)
      : chunks_(chunks),
        rows_(rows),
        columns_(columns),
        pitch_(round_to_lanes(columns)),
        sums_(workspace, chunks, rows * pitch_) {}

  // From one row to the next: columns are padded to whole vectors.
  int64_t pitch() const { return pitch_; }

  // The chunk's sums, zero.
  float* start(int64_t chunk) const {
    float* sums = sums_.of(chunk);
    std::fill(sums, sums + rows_ * pitch_, 0.0f);
    return sums;
  }

  // After all chunks: to[place(row, column)] = their sum, in double. By vectors of columns, so that no addition waits for
  // the one before.
  template <class Place>
  void reduce(float* to, int64_t threads, const Place& place) const {
    Chunks(rows_).parallel(threads, [&](int64_t, int64_t begin, int64_t end, int) {
      for (int64_t row = begin; row < end; row++) {
        for (int64_t first = 0; first < columns_; first += kLanes) {
          double sum[kLanes] = {};
          for (int64_t k = 0; k < chunks_; k++) {
            const float* from = sums_.of(k) + row * pitch_ + first;
            for (int64_t i = 0; i < kLanes; i++) sum[i] += from[i];
          }
          const int64_t n = lanes(first, columns_);
          for (int64_t i = 0; i < n; i++) to[place(row, first + i)] = static_cast<float>(sum[i]);
        }
      }
    });
  }

  // Enough chunks to feed the threads of a large machine, unless their sums would take more than 16 MiB.
  static int64_t most_chunks(int64_t rows, int64_t columns) {
    constexpr int64_t kFloats = 4 << 20;
    return std::clamp<int64_t>(kFloats / (rows * round_to_lanes(columns)), 4, kMostChunks / 2);
  }

 private:
  int64_t chunks_, rows_, columns_, pitch_;
  Apart<float> sums_;
};

}  // namespace dn
#endif
