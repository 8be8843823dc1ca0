// The comparisons of setp and set. An ordered one is false, an unordered one true, if an operand is NaN.
#ifndef DENSENET4J_SOFTWARE_CUDA_COMPARISONS_H
#define DENSENET4J_SOFTWARE_CUDA_COMPARISONS_H

#include <functional>

#include "decoding.h"
#include "half.h"

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
};

// A half of a register, from bit `shift`.
template <class H, int shift>
struct InHalf {
  uint32_t in_register;
};

// What is compared: numbers as they are.
template <class T>
inline T number_of(T a) {
  return a;
}
inline float number_of(Flushed a) { return flushed(a.in_register); }
template <class F>
inline double number_of(Half<F> a) {
  return a.value();
}
template <class H, int shift>
inline double number_of(InHalf<H, shift> a) {
  return H{static_cast<uint16_t>(a.in_register >> shift)}.value();
}

template <class T>
inline bool is_nan(T a) {
  return a != a;
}

template <class Compare>
struct OfNumbers {
  template <class T>
  bool operator()(T a, T b) const {
    return Compare()(number_of(a), number_of(b));
  }
};

using Equal = OfNumbers<std::equal_to<>>;
using NotEqual = OfNumbers<std::not_equal_to<>>;
using Less = OfNumbers<std::less<>>;
using LessEqual = OfNumbers<std::less_equal<>>;
using Greater = OfNumbers<std::greater<>>;
using GreaterEqual = OfNumbers<std::greater_equal<>>;

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

// In which lanes a comparison, the instruction's mode, holds between a and b.
template <class T>
Mask compare_lanes(Warp& warp, const Instruction& i, Mask active) {
  const auto test = [&](auto op) {
    return test_lanes<decltype(op), T, T>(warp, i, active, std::make_index_sequence<2>());
  };
  switch (static_cast<Comparison>(i.mode)) {
    case Comparison::kEqual: return test(Equal());
    case Comparison::kNotEqual: return test(Ordered<NotEqual>());
    case Comparison::kLess: return test(Less());
    case Comparison::kLessEqual: return test(LessEqual());
    case Comparison::kGreater: return test(Greater());
    case Comparison::kGreaterEqual: return test(GreaterEqual());
    case Comparison::kEqualUnordered: return test(Unordered<Equal>());
    case Comparison::kNotEqualUnordered: return test(Unordered<NotEqual>());
    case Comparison::kLessUnordered: return test(Unordered<Less>());
    case Comparison::kLessEqualUnordered: return test(Unordered<LessEqual>());
    case Comparison::kGreaterUnordered: return test(Unordered<Greater>());
    case Comparison::kGreaterEqualUnordered: return test(Unordered<GreaterEqual>());
    case Comparison::kNumbers: return test(BothNumbers());
    case Comparison::kNan: return test(AnyNan());
  }
  return 0;
}

}  // namespace software_cuda
#endif
