// The gradient of a 1x1 weight as the chunks of pixels sum it up, each on its own, and their sum.
#ifndef DENSENET4J_CPU_PARTIAL_H
#define DENSENET4J_CPU_PARTIAL_H

#include <algorithm>

#include "chunks.h"
#include "simd.h"
#include "workspace.h"

namespace dn {

class PartialWeights {
 public:
  PartialWeights(Workspace& workspace, int64_t chunks, int64_t in, int64_t out)
      : chunks_(chunks),
        in_(in),
        out_(out),
        pitch_(round_to_lanes(out)),
        sums_(workspace.take<float>(chunks * in * pitch_)) {}

  // The chunk's sums (in, out padded to vectors), zero.
  float* start(int64_t chunk) const {
    float* sums = sums_ + chunk * in_ * pitch_;
    std::fill(sums, sums + in_ * pitch_, 0.0f);
    return sums;
  }

  // dweight (out, in), after all chunks.
  void reduce(float* dweight, int64_t threads) const {
    Chunks(out_).parallel(threads, [&](int64_t, int64_t begin, int64_t end, int) {
      for (int64_t o = begin; o < end; o++) {
        for (int64_t i = 0; i < in_; i++) {
          double sum = 0;
          for (int64_t k = 0; k < chunks_; k++) sum += sums_[(k * in_ + i) * pitch_ + o];
          dweight[o * in_ + i] = static_cast<float>(sum);
        }
      }
    });
  }

  // Enough chunks to feed the threads of a large machine, unless their partial sums would take more than 16 MiB.
  static int64_t most_chunks(int64_t floats) {
    constexpr int64_t kFloats = 4 << 20;
    return std::clamp<int64_t>(kFloats / floats, 4, kMostChunks / 2);
  }

 private:
  int64_t chunks_, in_, out_, pitch_;
  float* sums_;
};

}  // namespace dn
#endif
