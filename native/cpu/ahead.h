// Fetches what the next piece of work will read or write while the present one computes: memory would idle otherwise, and
// then all threads would wait for it at the same time. Processors do not do it by themselves where a slice takes a few lines
// of each pixel. What is made here is called between the steps of a tile (see tile.h).
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
      : row_(line_of(row)),
        pitch_(pitch * static_cast<int64_t>(sizeof(T))),
        width_(reinterpret_cast<const char*>(row + values) - row_),
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

  // Fetches the next `lines` lines.
  DN_INLINE void fetch(int64_t lines) {
    for (int64_t i = 0; i < lines; i++) (*this)();
  }

  // Fetches all that is left.
  DN_INLINE void all() {
    while (rows_ > 0) (*this)();
  }

 private:
  static constexpr int64_t kLine = 64;

  static const char* line_of(const void* at) {
    return reinterpret_cast<const char*>(reinterpret_cast<uintptr_t>(at) & -kLine);
  }

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
