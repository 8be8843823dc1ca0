// Philox4x32-10 (Salmon et al. 2011): a counter-based generator, so that a dropout mask is a function of
// (seed, step, layer, element) and never has to be stored.
#ifndef DENSENET4J_CPU_PHILOX_H
#define DENSENET4J_CPU_PHILOX_H

#include <cstdint>

#include "densenet4j.h"

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

  // Multiplies channels [c, c + count) of `pixels` rows in place; values points at channel c of pixel `first`.
  void apply(float* values, int64_t pitch, int64_t first, int64_t pixels, int64_t c, int64_t count) const {
    const uint64_t seed = static_cast<uint64_t>(dropout_.control->seed);
    const uint64_t high = static_cast<uint64_t>(dropout_.control->step) << 16 | static_cast<uint64_t>(dropout_.layer);
    const uint32_t threshold = static_cast<uint32_t>(dropout_.rate * 4294967296.0);
    const float kept = static_cast<float>(1.0 / (1.0 - dropout_.rate));
    for (int64_t p = 0; p < pixels; p++) {
      const uint64_t element = static_cast<uint64_t>((first + p) * channels_ + c);
      for (int64_t i = 0; i < count;) {
        const Philox random(seed, high, (element + static_cast<uint64_t>(i)) / 4);
        for (uint64_t word = (element + static_cast<uint64_t>(i)) % 4; word < 4 && i < count; word++, i++) {
          values[p * pitch + i] *= random.value[word] >= threshold ? kept : 0.0f;
        }
      }
    }
  }

 private:
  dn_dropout dropout_;
  int64_t channels_;
};

}  // namespace dn
#endif
