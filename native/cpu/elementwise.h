// Operations on every value of slices: to = f(from...), vector by vector. Slices may be the same.
#ifndef DENSENET4J_CPU_ELEMENTWISE_H
#define DENSENET4J_CPU_ELEMENTWISE_H

#include <algorithm>

#include "chunks.h"
#include "element.h"

namespace dn {

class Elementwise {
 public:
  Elementwise(int64_t pixels, int64_t channels, int64_t threads)
      : pixels_(pixels), channels_(channels), threads_(threads), chunks_(divide_up(pixels, kUnit)) {}

  // f(Vec..., first channel, lanes) returns what is stored.
  template <class F, class... Slices>
  void run(const dn_slice& to, const F& f, const Slices&... from) const {
    const Slice<float> target(to);
    each_unit([&](int64_t first, int64_t last) {
      for (int64_t p = first; p < last; p++) {
        float* row = target.at(p);
        for (int64_t c = 0; c < channels_; c += kLanes) {
          const int64_t n = lanes(c, channels_);
          store(row + c, f(load(Slice<float>(from).at(p, c), n)..., c, n), n);
        }
      }
    });
  }

  // body(first pixel, last pixel), in parallel
  template <class Body>
  void each_unit(const Body& body) const {
    chunks_.parallel(threads_, [&](int64_t, int64_t begin, int64_t end, int) {
      for (int64_t unit = begin; unit < end; unit++) body(unit * kUnit, std::min((unit + 1) * kUnit, pixels_));
    });
  }

 private:
  static constexpr int64_t kUnit = 64;

  int64_t pixels_, channels_, threads_;
  Chunks chunks_;
};

}  // namespace dn
#endif
