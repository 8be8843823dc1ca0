// Rows of `channels` values from one pitch to another. Pixel p, channel c of a slice is data[p * pitch + c].
#ifndef DENSENET4J_CUDA_COPY_CUH
#define DENSENET4J_CUDA_COPY_CUH

#include "grid.cuh"
#include "vector.cuh"

namespace dn {

// to = f(to, from), value by value; f ignores its first argument if kReads is false.
template <bool kReads, class F>
__device__ inline void copy(float* to, int64_t to_pitch, const float* __restrict__ from, int64_t from_pitch,
                            int64_t pixels, int64_t channels, const F& f) {
  with_widest(
      [&](auto width) {
        constexpr int kWidth = decltype(width)::value;
#pragma unroll 1
        for (Walk at(channels, kWidth); at.row() < pixels; at.next()) {
          float* target = to + at.row() * to_pitch + at.column();
          Vector<kWidth> x = load<kWidth>(from + at.row() * from_pitch + at.column()), before = {};
          if (kReads) before = load<kWidth>(target);
#pragma unroll
          for (int i = 0; i < kWidth; i++) x.value[i] = f(before.value[i], x.value[i]);
          store(target, x);
        }
      },
      to, to_pitch, from, from_pitch, channels);
}

}  // namespace dn
#endif
