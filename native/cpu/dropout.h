// A dropout mask as a pass over a tensor: forward and backward do the same.
#ifndef DENSENET4J_CPU_DROPOUT_H
#define DENSENET4J_CPU_DROPOUT_H

#include <algorithm>

#include "elementwise.h"
#include "philox.h"

namespace dn {

// to = mask * from; the two may be the same.
inline void drop(const Elementwise& values, const dn_slice& to, const dn_slice& from, const dn_dropout& dropout,
                 int64_t channels) {
  const DropoutMask mask(dropout, channels);
  values.each_unit([&](int64_t first, int64_t last) {
    for (int64_t p = first; p < last; p++) {
      const float* source = from.data + p * from.pitch;
      float* target = to.data + p * to.pitch;
      if (target != source) std::copy(source, source + channels, target);
      mask.apply(target, to.pitch, p, 1, 0, channels);
    }
  });
}

}  // namespace dn
#endif
