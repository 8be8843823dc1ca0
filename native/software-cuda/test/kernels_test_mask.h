// The mask of a dropout as the CPU makes it: Philox4x32-10.
#ifndef DENSENET4J_SOFTWARE_CUDA_KERNELS_TEST_MASK_H
#define DENSENET4J_SOFTWARE_CUDA_KERNELS_TEST_MASK_H

#include <array>

#include "kernels_test.h"

namespace kernels_test {

using RandomWords = std::array<uint32_t, 4>;

// Philox4x32-10 as the paper states it: in each round, two products, whose halves change places.
inline RandomWords philox(RandomWords counter, uint32_t key0, uint32_t key1) {
  for (uint32_t round = 0; round < 10; round++) {
    const uint64_t left = uint64_t{0xD2511F53} * counter[0], right = uint64_t{0xCD9E8D57} * counter[2];
    counter = {static_cast<uint32_t>(right >> 32) ^ counter[1] ^ (key0 + round * 0x9E3779B9u),
               static_cast<uint32_t>(right),
               static_cast<uint32_t>(left >> 32) ^ counter[3] ^ (key1 + round * 0xBB67AE85u),
               static_cast<uint32_t>(left)};
  }
  return counter;
}

struct Mask {
  dn_control control;
  int64_t layer;
  double rate;

  float factor(int64_t element) const {
    const uint64_t quad = static_cast<uint64_t>(element) / 4, seed = static_cast<uint64_t>(control.seed);
    const uint64_t high = static_cast<uint64_t>(control.step) * 65536 + static_cast<uint64_t>(layer);
    const RandomWords words = philox({static_cast<uint32_t>(quad), static_cast<uint32_t>(quad >> 32),
                                      static_cast<uint32_t>(high), static_cast<uint32_t>(high >> 32)},
                                     static_cast<uint32_t>(seed), static_cast<uint32_t>(seed >> 32));
    const bool keeps = words[static_cast<size_t>(element % 4)] >= static_cast<uint32_t>(rate * 4294967296.0);
    return keeps ? static_cast<float>(1.0 / (1.0 - rate)) : 0.0f;
  }
};

}  // namespace kernels_test
#endif
