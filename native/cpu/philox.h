// Philox4x32-10 (Salmon et al. 2011): a counter-based generator, so that a dropout mask is a function of
// (seed, step, layer, element) and never has to be stored.
#ifndef DENSENET4J_CPU_PHILOX_H
#define DENSENET4J_CPU_PHILOX_H

#include <cstdint>

#include "densenet4j.h"
#include "simd.h"

namespace dn {

struct Philox {
  uint32_t value[4];

  Philox(uint64_t key, uint64_t high, uint64_t low) {
    uint32_t k0 = static_cast<uint32_t>(key), k1 = static_cast<uint32_t>(key >> 32);
    uint32_t c0 = static_cast<uint32_t>(low), c1 = static_cast<uint32_t>(low >> 32);
    uint32_t c2 = static_cast<uint32_t>(high), c3 = static_cast<uint32_t>(high >> 32);
    for (int round = 0; round < 10; round++, k0 += 0x9E3779B9u, k1 += 0xBB67AE85u) {
      const uint64_t a = 0xD2511F53ull * c0, b = 0xCD9E8D57ull * c2;
      c0 = static_cast<uint32_t>(b >> 32) ^ c1 ^ k0;
      c1 = static_cast<uint32_t>(b);
      c2 = static_cast<uint32_t>(a >> 32) ^ c3 ^ k1;
      c3 = static_cast<uint32_t>(a);
    }
    value[0] = c0;
    value[1] = c1;
    value[2] = c2;
    value[3] = c3;
  }
};

// The factors 0 or 1 / (1 - rate) of one convolution's output. Element = pixel * channels + channel; four elements
// share one counter; the element is kept when its word is at least rate * 2^32.
class DropoutMask {
 public:
  DropoutMask(const dn_dropout& dropout, int64_t channels) : dropout_(dropout), channels_(channels) {}

  bool active() const { return dropout_.rate > 0; }

  // Of channels [c, c + kLanes) of a pixel; those beyond the last channel are of no meaning. Not inline: it would take
  // the registers of loops that have no dropout.
  __attribute__((noinline)) Vec factors(int64_t pixel, int64_t c) const {
    const uint64_t seed = static_cast<uint64_t>(dropout_.control->seed);
    const uint64_t high = static_cast<uint64_t>(dropout_.control->step) << 16 | static_cast<uint64_t>(dropout_.layer);
    const uint32_t threshold = static_cast<uint32_t>(dropout_.rate * 4294967296.0);
    const float kept = static_cast<float>(1.0 / (1.0 - dropout_.rate));
    const uint64_t element = static_cast<uint64_t>(pixel * channels_ + c);
    float values[kLanes];
    for (int i = 0; i < kLanes;) {
      const Philox random(seed, high, (element + static_cast<uint64_t>(i)) / 4);
      for (uint64_t word = (element + static_cast<uint64_t>(i)) % 4; word < 4 && i < kLanes; word++, i++) {
        values[i] = random.value[word] >= threshold ? kept : 0.0f;
      }
    }
    return load(values);
  }

 private:
  dn_dropout dropout_;
  int64_t channels_;
};

}  // namespace dn
#endif
