// Fetches what the next piece of work will read while the present one computes: memory would idle otherwise, and then
// all threads would wait for it at the same time. What is made here is called between the steps of a tile (see tile.h).
#ifndef DENSENET4J_CPU_AHEAD_H
#define DENSENET4J_CPU_AHEAD_H

#include <cstdint>

#include "simd.h"

namespace dn {

// Lines of rows, fetched into the second-level cache one after the other.
class Ahead {
 public:
  // Nothing to fetch.
  Ahead() = default;

  // The first `values` values of `rows` rows of `pitch` values.
  template <class T>
  Ahead(const T* row, int64_t pitch, int64_t rows, int64_t values)
      : row_(reinterpret_cast<const char*>(row)),
        pitch_(pitch * static_cast<int64_t>(sizeof(T))),
        width_(values * static_cast<int64_t>(sizeof(T))),
        rows_(rows) {}

  // Fetches the next line.
  DN_INLINE void operator()() {
    if (rows_ <= 0) return;
    __builtin_prefetch(row_ + at_, 0, 2);
    at_ += kLine;
    if (at_ >= width_) {
      at_ = 0;
      row_ += pitch_;
      rows_--;
    }
  }

 private:
  static constexpr int64_t kLine = 64;

  const char* row_ = nullptr;
  int64_t pitch_ = 0, width_ = 0, rows_ = 0, at_ = 0;
};

// A tensor and its gradient, by turns.
class AheadOfBoth {
 public:
  AheadOfBoth() = default;
  AheadOfBoth(const Ahead& value, const Ahead& sum) : value_(value), sum_(sum) {}

  DN_INLINE void operator()() {
    turn_ = !turn_;
    if (turn_) {
      value_();
    } else {
      sum_();
    }
  }

  DN_INLINE void fetch(int lines) {
    for (int i = 0; i < lines; i++) (*this)();
  }

 private:
  Ahead value_, sum_;
  bool turn_ = false;
};

// Of a backward pass: its input and its output, each with its gradient.
struct AheadOfPass {
  AheadOfBoth x, y;

  DN_INLINE void operator()() {
    x();
    y();
  }
};

}  // namespace dn
#endif
