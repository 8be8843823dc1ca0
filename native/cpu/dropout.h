// A dropout mask as a pass over a tensor: forward and backward do the same.
#ifndef DENSENET4J_CPU_DROPOUT_H
#define DENSENET4J_CPU_DROPOUT_H

#include "elementwise.h"
#include "philox.h"

namespace dn {

// to = mask * from; the two may be the same.
inline void drop(const Elementwise& values, const dn_slice& to, const dn_slice& from, const dn_dropout& dropout,
                 int64_t channels) {
  const DropoutMask mask(dropout, channels);
  const Slice<float> target(to), source(from);
  values.each_unit([&](int64_t first, int64_t last) {
    for (int64_t p = first; p < last; p++) {
      for (int64_t c = 0; c < channels; c += kLanes) {
        const int64_t n = lanes(c, channels);
        store(target.at(p, c), load(source.at(p, c), n) * mask.factors(p, c), n);
      }
    }
  });
}

}  // namespace dn
#endif
