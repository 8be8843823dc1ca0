// Vectors of eight channels, of which the last may be there in part: what lies beyond is never used, and never written.
#ifndef DENSENET4J_CUDA_GRADIENT_CUH
#define DENSENET4J_CUDA_GRADIENT_CUH

#include "planes.cuh"

namespace dn {

// The first `bytes` (at most 16) of a vector; the others are 0.
__device__ __forceinline__ uint4 load_valid(const bf16* from, int bytes) {
  if (bytes <= 0) return make_uint4(0, 0, 0, 0);
  uint4 v = *reinterpret_cast<const uint4*>(from);
  if (bytes < 16) {
    const auto kept = [bytes](uint32_t pair, int at) {
      return bytes >= at + 4 ? pair : bytes > at ? pair & 0xffffu : 0u;
    };
    v = make_uint4(kept(v.x, 0), kept(v.y, 4), kept(v.z, 8), kept(v.w, 12));
  }
  return v;
}

__device__ __forceinline__ void widen(float (&to)[kVector], uint4 v) {
  to[0] = low(v.x), to[1] = high(v.x), to[2] = low(v.y), to[3] = high(v.y);
  to[4] = low(v.z), to[5] = high(v.z), to[6] = low(v.w), to[7] = high(v.w);
}

__device__ __forceinline__ uint4 pack(const float (&v)[kVector]) {
  return make_uint4(pack(v[0], v[1]), pack(v[2], v[3]), pack(v[4], v[5]), pack(v[6], v[7]));
}

// to (+)= values, `valid` of eight.
__device__ __forceinline__ void store_gradient(bf16* to, float (&values)[kVector], int valid, bool accumulate) {
  if (valid >= kVector) {
    if (accumulate) {
      float before[kVector];
      widen(before, *reinterpret_cast<const uint4*>(to));
#pragma unroll
      for (int j = 0; j < kVector; j++) values[j] += before[j];
    }
    *reinterpret_cast<uint4*>(to) = pack(values);
    return;
  }
#pragma unroll
  for (int j = 0; j < kVector; j++) {
    if (j >= valid) break;
    auto* at = reinterpret_cast<uint16_t*>(to) + j;
    *at = narrowed(accumulate ? widened(*at) + values[j] : values[j]);
  }
}

}  // namespace dn
#endif
