// Values of feature maps, bfloat16 or float32: alone, two neighbouring channels together, and 16 bytes of them.
#ifndef DENSENET4J_CUDA_ELEMENTS_CUH
#define DENSENET4J_CUDA_ELEMENTS_CUH

#include <cuda_bf16.h>

#include <type_traits>

#include "ptx.cuh"

namespace dn {

using bf16 = __nv_bfloat16;

// Values in the 16 bytes that cp.async, ldmatrix and vector accesses move.
template <class T>
constexpr int kVector = 16 / static_cast<int>(sizeof(T));

__device__ __forceinline__ float widened(bf16 value) { return __bfloat162float(value); }
__device__ __forceinline__ float widened(float value) { return value; }

template <class T>
__device__ __forceinline__ T narrowed(float value);
template <>
__device__ __forceinline__ bf16 narrowed(float value) {
  return __float2bfloat16(value);
}
template <>
__device__ __forceinline__ float narrowed(float value) {
  return value;
}

// What is made of a channel's sums and parameters: float32's values show what bfloat16's rounding covers.
template <class T>
using Wide = std::conditional_t<sizeof(T) == 2, float, double>;

__device__ __forceinline__ float multiply_add(float a, float b, float c) { return fmaf(a, b, c); }
__device__ __forceinline__ double multiply_add(double a, double b, double c) { return __fma_rn(a, b, c); }

__device__ __forceinline__ float rectified(float value) { return larger(value, 0); }

// Two neighbouring channels as they lie in memory.
template <class T>
struct PairOf;
template <>
struct PairOf<bf16> {
  using Type = uint32_t;
};
template <>
struct PairOf<float> {
  using Type = float2;
};
template <class T>
using Pair = typename PairOf<T>::Type;

__device__ __forceinline__ float low(uint32_t pair) { return __uint_as_float(pair << 16); }
__device__ __forceinline__ float high(uint32_t pair) { return __uint_as_float(pair & 0xffff0000u); }
__device__ __forceinline__ float low(float2 pair) { return pair.x; }
__device__ __forceinline__ float high(float2 pair) { return pair.y; }

template <class T>
__device__ __forceinline__ Pair<T> pack(float low, float high);
template <>
__device__ __forceinline__ uint32_t pack<bf16>(float low, float high) {
  uint32_t pair;
  asm("cvt.rn.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
}
template <>
__device__ __forceinline__ float2 pack<float>(float low, float high) {
  return make_float2(low, high);
}

template <class T>
__device__ __forceinline__ Pair<T> pack_relu(float low, float high);
template <>
__device__ __forceinline__ uint32_t pack_relu<bf16>(float low, float high) {
  uint32_t pair;
  asm("cvt.rn.relu.bf16x2.f32 %0, %1, %2;" : "=r"(pair) : "f"(high), "f"(low));
  return pair;
}
template <>
__device__ __forceinline__ float2 pack_relu<float>(float low, float high) {
  return make_float2(rectified(low), rectified(high));
}

__device__ __forceinline__ void widen(float (&to)[8], uint4 v) {
  to[0] = low(v.x), to[1] = high(v.x), to[2] = low(v.y), to[3] = high(v.y);
  to[4] = low(v.z), to[5] = high(v.z), to[6] = low(v.w), to[7] = high(v.w);
}

__device__ __forceinline__ void widen(float (&to)[4], uint4 v) {
  to[0] = __uint_as_float(v.x), to[1] = __uint_as_float(v.y);
  to[2] = __uint_as_float(v.z), to[3] = __uint_as_float(v.w);
}

__device__ __forceinline__ uint4 packed(const float (&v)[8]) {
  return make_uint4(pack<bf16>(v[0], v[1]), pack<bf16>(v[2], v[3]), pack<bf16>(v[4], v[5]), pack<bf16>(v[6], v[7]));
}

__device__ __forceinline__ uint4 packed(const float (&v)[4]) {
  return make_uint4(__float_as_uint(v[0]), __float_as_uint(v[1]), __float_as_uint(v[2]), __float_as_uint(v[3]));
}

}  // namespace dn
#endif
