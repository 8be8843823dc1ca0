// The operands of NVIDIA's TF32 tensor cores: an exponent of 8 bits, a fraction of 10.
#ifndef DENSENET4J_SOFTWARE_CUDA_TF32_H
#define DENSENET4J_SOFTWARE_CUDA_TF32_H

#include <cmath>
#include <cstdint>
#include <cstring>

namespace software_cuda {

// Rounds to nearest, ties to even; infinities and NaN stay.
inline float tf32(float value) {
  if (!std::isfinite(value)) return value;
  constexpr uint32_t kDropped = 13;
  uint32_t bits;
  std::memcpy(&bits, &value, sizeof bits);
  bits += (1u << (kDropped - 1)) - 1 + (bits >> kDropped & 1u);
  bits &= ~((1u << kDropped) - 1);
  std::memcpy(&value, &bits, sizeof bits);
  return value;
}

inline void round_to_tf32(float* values, int64_t count) {
  for (int64_t i = 0; i < count; i++) values[i] = tf32(values[i]);
}

}  // namespace software_cuda
#endif
