// Floating-point formats of fewer bits than float, by their bits.
#ifndef DENSENET4J_SOFTWARE_CUDA_HALF_H
#define DENSENET4J_SOFTWARE_CUDA_HALF_H

#include <algorithm>
#include <cmath>

#include "float_lanes.h"

namespace software_cuda {

// Bits of the exponent, and of the mantissa without the leading one.
template <int exponent, int mantissa>
struct Format {
  static constexpr int kMantissa = mantissa;
  static constexpr int kSmallest = 2 - (1 << (exponent - 1));  // exponent of the smallest normal number
  static constexpr uint32_t kInfinity = ((1u << exponent) - 1) << mantissa;
  static constexpr uint32_t kSign = 1u << (exponent + mantissa);
  static constexpr uint32_t kNan = kSign - 1;
};

using HalfFormat = Format<5, 10>;
using BfloatFormat = Format<8, 7>;
using Tf32Format = Format<8, 10>;

inline bool rounds_up(Rounding rounding, bool negative, uint64_t kept, uint64_t rest, uint64_t half) {
  switch (rounding) {
    case Rounding::kNearest: return rest > half || (rest == half && (kept & 1));
    case Rounding::kNearestAway: return rest >= half;
    case Rounding::kUp: return rest && !negative;
    case Rounding::kDown: return rest && negative;
    case Rounding::kZero: return false;
  }
  return false;
}

// The bits of a number in a format.
template <class F>
uint32_t rounded_bits(double value, Rounding rounding) {
  const bool negative = std::signbit(value);
  const uint32_t sign = negative ? F::kSign : 0;
  if (value != value) return F::kNan;
  if (std::isinf(value)) return sign | F::kInfinity;
  if (value == 0) return sign;
  int exponent;
  const double fraction = std::frexp(std::fabs(value), &exponent);  // in [0.5, 1)
  exponent--;
  const auto significand = static_cast<uint64_t>(std::ldexp(fraction, 53));
  const int drop = std::min(52 - F::kMantissa + std::max(0, F::kSmallest - exponent), 60);
  const uint64_t kept = significand >> drop, rest = significand & ((uint64_t{1} << drop) - 1);
  const auto above_smallest = static_cast<uint32_t>(std::max(0, exponent - F::kSmallest));
  uint32_t bits = static_cast<uint32_t>(kept) + (above_smallest << F::kMantissa);
  if (exponent > 1 - F::kSmallest) bits = F::kInfinity;
  if (bits < F::kInfinity) bits += rounds_up(rounding, negative, kept, rest, uint64_t{1} << (drop - 1));
  if (bits < F::kInfinity) return sign | bits;
  const bool to_largest = rounding == Rounding::kZero || rounding == (negative ? Rounding::kUp : Rounding::kDown);
  return sign | (to_largest ? F::kInfinity - 1 : F::kInfinity);
}

// A number in a format of 16 bits.
template <class F>
struct Half {
  uint16_t bits;

  static Half of(double value, Rounding rounding = Rounding::kNearest) {
    return {static_cast<uint16_t>(rounded_bits<F>(value, rounding))};
  }

  double value() const {
    if constexpr (F::kMantissa == BfloatFormat::kMantissa) {
      return bit_cast<float>(static_cast<uint32_t>(bits) << 16);
    } else {
      const uint32_t magnitude = bits & F::kNan, sign = static_cast<uint32_t>(bits & F::kSign) << 16;
      if (magnitude >= F::kInfinity) return bit_cast<float>(sign | 0x7f800000u | (magnitude & 0x3ffu) << 13);
      const float scaled = bit_cast<float>(magnitude << 13);
      return bit_cast<float>(sign | bit_cast<uint32_t>(scaled * 0x1p112f));
    }
  }

  bool is_nan() const { return (bits & F::kNan) > F::kInfinity; }
  Half flushed() const { return (bits & F::kInfinity) == 0 ? Half{static_cast<uint16_t>(bits & F::kSign)} : *this; }
};

using Float16 = Half<HalfFormat>;
using Bfloat16 = Half<BfloatFormat>;

// An operation on 16-bit numbers for the two halves of a 32-bit register.
template <class Op, class H>
struct InPairs {
  explicit InPairs(const Instruction& i) : op(make_operation<Op>(i)) {}

  template <class... S>
  uint32_t operator()(S... sources) const {
    return op(H{static_cast<uint16_t>(sources)}...).bits |
           static_cast<uint32_t>(op(H{static_cast<uint16_t>(sources >> 16)}...).bits) << 16;
  }
  Op op;
};

// The sum in double, where what is lost makes the last bit odd: rounding it again to fewer bits rounds the exact sum.
inline double sum_to_odd(double a, double b) {
  const double sum = a + b;
  const double part = sum - a;
  const double error = (a - (sum - part)) + (b - part);
  if (!std::isfinite(sum) || error == 0 || (bit_cast<uint64_t>(sum) & 1)) return sum;
  const bool outwards = (error > 0) == (sum > 0);
  return bit_cast<double>(bit_cast<uint64_t>(sum) + (outwards ? 1 : ~uint64_t{0}));
}

}  // namespace software_cuda
#endif
