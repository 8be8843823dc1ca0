// The comparisons of setp and set. An ordered one is false, an unordered one true, if an operand is NaN.
#ifndef DENSENET4J_SOFTWARE_CUDA_COMPARISONS_H
#define DENSENET4J_SOFTWARE_CUDA_COMPARISONS_H

#include "decoding.h"
#include "float_lanes.h"

namespace software_cuda {

enum class Comparison : uint8_t {
  kEqual, kNotEqual, kLess, kLessEqual, kGreater, kGreaterEqual,
  kEqualUnordered, kNotEqualUnordered, kLessUnordered, kLessEqualUnordered, kGreaterUnordered, kGreaterEqualUnordered,
  kNumbers, kNan
};

Comparison take_comparison(Decoding& at);

// A float in a register, whose subnormal values count as zero.
struct Flushed {
  float in_register;
  operator float() const { return flushed(in_register); }
};

// What is compared: numbers as they are.
template <class T>
inline T number_of(T a) {
  return a;
}
inline float number_of(Flushed a) { return a; }

template <class T>
inline bool is_nan(T a) {
  return a != a;
}

struct Equal {
  template <class T>
  bool operator()(T a, T b) const {
    return number_of(a) == number_of(b);
  }
};

struct NotEqual {
  template <class T>
  bool operator()(T a, T b) const {
    return number_of(a) != number_of(b);
  }
};

struct Less {
  template <class T>
  bool operator()(T a, T b) const {
    return number_of(a) < number_of(b);
  }
};

struct LessEqual {
  template <class T>
  bool operator()(T a, T b) const {
    return number_of(a) <= number_of(b);
  }
};

struct Greater {
  template <class T>
  bool operator()(T a, T b) const {
    return number_of(a) > number_of(b);
  }
};

struct GreaterEqual {
  template <class T>
  bool operator()(T a, T b) const {
    return number_of(a) >= number_of(b);
  }
};

struct AnyNan {
  template <class T>
  bool operator()(T a, T b) const {
    return is_nan(number_of(a)) || is_nan(number_of(b));
  }
};

struct BothNumbers {
  template <class T>
  bool operator()(T a, T b) const {
    return !AnyNan()(a, b);
  }
};

template <class Op>
struct Ordered {
  template <class T>
  bool operator()(T a, T b) const {
    return !AnyNan()(a, b) && Op()(a, b);
  }
};

template <class Op>
struct Unordered {
  template <class T>
  bool operator()(T a, T b) const {
    return AnyNan()(a, b) || Op()(a, b);
  }
};

}  // namespace software_cuda
#endif
