// Fetches what the next piece of work will read while the present one computes: memory would idle otherwise, and then
// all threads would wait for it at the same time.
#ifndef DENSENET4J_CPU_AHEAD_H
#define DENSENET4J_CPU_AHEAD_H

#include "densenet4j.h"

namespace dn {

class Ahead {
 public:
  // Nothing to fetch.
  Ahead() = default;

  // The first `channels` channels of `pixels` pixels.
  Ahead(const dn_slice& x, int64_t first, int64_t pixels, int64_t channels)
      : row_(reinterpret_cast<const char*>(x.data + first * x.pitch)),
        pitch_(x.pitch * static_cast<int64_t>(sizeof(float))),
        width_(channels * static_cast<int64_t>(sizeof(float))),
        rows_(pixels) {}

  // The next so many lines of it.
  __attribute__((always_inline)) void fetch(int64_t lines) {
    for (; lines > 0 && rows_ > 0; lines--) {
      __builtin_prefetch(row_ + at_, 0, 2);
      at_ += kLine;
      if (at_ >= width_) {
        at_ = 0;
        row_ += pitch_;
        rows_--;
      }
    }
  }

 private:
  static constexpr int64_t kLine = 64;

  const char* row_ = nullptr;
  int64_t pitch_ = 0, width_ = 0, rows_ = 0, at_ = 0;
};

}  // namespace dn
#endif
