// SplitMix64 (Steele et al. 2014), for schedules.
#ifndef DENSENET4J_SOFTWARE_CUDA_RANDOM_H
#define DENSENET4J_SOFTWARE_CUDA_RANDOM_H

#include <cstdint>

namespace software_cuda {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  uint64_t next() {
    uint64_t z = state_ += 0x9E3779B97F4A7C15u;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
  }

  // In [0, bound).
  uint64_t below(uint64_t bound) {
    return static_cast<uint64_t>((static_cast<unsigned __int128>(next()) * bound) >> 64);
  }

 private:
  uint64_t state_;
};

}  // namespace software_cuda
#endif
