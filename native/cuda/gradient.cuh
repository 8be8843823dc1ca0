// Vectors of channels, 16 bytes, of which the last may be there in part: what lies beyond is never used, and never
// written.
#ifndef DENSENET4J_CUDA_GRADIENT_CUH
#define DENSENET4J_CUDA_GRADIENT_CUH

#include "planes.cuh"

namespace dn {

// The first `bytes` (at most 16) of a vector; the others are 0.
template <class T>
__device__ __forceinline__ uint4 load_valid(const T* from, int bytes) {
  if (bytes <= 0) return make_uint4(0, 0, 0, 0);
  uint4 v = *reinterpret_cast<const uint4*>(from);
  if (bytes < 16) {
    const auto kept = [bytes](uint32_t word, int at) {
      return bytes >= at + 4 ? word : sizeof(T) == 2 && bytes > at ? word & 0xffffu : 0u;
    };
    v = make_uint4(kept(v.x, 0), kept(v.y, 4), kept(v.z, 8), kept(v.w, 12));
  }
  return v;
}

// to (+)= values, of which `valid` are there.
template <class T>
__device__ __forceinline__ void store_gradient(T* to, float (&values)[kVector<T>], int valid, bool accumulate) {
  if (valid >= kVector<T>) {
    if (accumulate) {
      float before[kVector<T>];
      widen(before, *reinterpret_cast<const uint4*>(to));
#pragma unroll
      for (int j = 0; j < kVector<T>; j++) values[j] += before[j];
    }
    *reinterpret_cast<uint4*>(to) = packed(values);
    return;
  }
#pragma unroll
  for (int j = 0; j < kVector<T>; j++) {
    if (j >= valid) break;
    to[j] = narrowed<T>(accumulate ? widened(to[j]) + values[j] : values[j]);
  }
}

}  // namespace dn
#endif
