// Loads and stores of 1, 2 or 4 floats at once, and which of them operands allow.
#ifndef DENSENET4J_CUDA_VECTOR_CUH
#define DENSENET4J_CUDA_VECTOR_CUH

#include <cstdint>

namespace dn {

template <int kWidth>
struct alignas(kWidth * sizeof(float)) Vector {
  float value[kWidth];
};

template <int kWidth>
__device__ inline Vector<kWidth> load(const float* from) {
  return *reinterpret_cast<const Vector<kWidth>*>(from);
}

template <int kWidth>
__device__ inline void store(float* to, const Vector<kWidth>& x) {
  *reinterpret_cast<Vector<kWidth>*>(to) = x;
}

template <int kWidth>
struct Width {
  static constexpr int value = kWidth;
};

// The bits that addresses and numbers of values have below the widest vector: what they forbid.
__device__ inline uint64_t misfit(const float* address) { return reinterpret_cast<uint64_t>(address) / sizeof(float); }
__device__ inline uint64_t misfit(int64_t values) { return static_cast<uint64_t>(values); }

// Calls f(Width<4>), f(Width<2>) or f(Width<1>): the widest vector that all operands are multiples of. They are
// parameters of the kernel, so all threads do the same.
template <class F, class... Operands>
__device__ inline void with_widest(const F& f, Operands... operands) {
  const uint64_t bits = (misfit(operands) | ...);
  if (bits % 4 == 0) {
    f(Width<4>());
  } else if (bits % 2 == 0) {
    f(Width<2>());
  } else {
    f(Width<1>());
  }
}

}  // namespace dn
#endif
