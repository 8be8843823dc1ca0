// Weights (out, in, taps) in the order in which the tiles of tile.h read them, rows padded to whole vectors with zeros.
#ifndef DENSENET4J_CPU_PACK_H
#define DENSENET4J_CPU_PACK_H

#include "simd.h"

namespace dn {

// For fprop: to (tap, in, out).
inline void pack_for_fprop(float* to, const float* weight, int64_t taps, int64_t in, int64_t out) {
  const int64_t pitch = round_to_lanes(out);
  for (int64_t tap = 0; tap < taps; tap++) {
    for (int64_t i = 0; i < in; i++, to += pitch) {
      for (int64_t o = 0; o < pitch; o++) to[o] = o < out ? weight[(o * in + i) * taps + tap] : 0;
    }
  }
}

// For dgrad: to (tap, out, in), the taps in reverse: the kernel turned by half a turn.
inline void pack_for_dgrad(float* to, const float* weight, int64_t taps, int64_t in, int64_t out) {
  const int64_t pitch = round_to_lanes(in);
  for (int64_t tap = 0; tap < taps; tap++) {
    for (int64_t o = 0; o < out; o++, to += pitch) {
      for (int64_t i = 0; i < pitch; i++) to[i] = i < in ? weight[(o * in + i) * taps + taps - 1 - tap] : 0;
    }
  }
}

}  // namespace dn
#endif
