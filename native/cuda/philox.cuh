// Philox4x32-10 (Salmon et al. 2011), with the key and the counter that the CPU gives it.
#ifndef DENSENET4J_CUDA_PHILOX_CUH
#define DENSENET4J_CUDA_PHILOX_CUH

#include <cstdint>

namespace dn {

__device__ inline uint4 philox(uint64_t key, uint64_t high, uint64_t low) {
  uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
  uint4 c = make_uint4(static_cast<uint32_t>(low), static_cast<uint32_t>(low >> 32), static_cast<uint32_t>(high),
                       static_cast<uint32_t>(high >> 32));
#pragma unroll
  for (int round = 0; round < 10; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
    const uint64_t a = 0xD2511F53ull * c.x, b = 0xCD9E8D57ull * c.z;
    c = make_uint4(static_cast<uint32_t>(b >> 32) ^ c.y ^ k0, static_cast<uint32_t>(b),
                   static_cast<uint32_t>(a >> 32) ^ c.w ^ k1, static_cast<uint32_t>(a));
  }
  return c;
}

}  // namespace dn
#endif
