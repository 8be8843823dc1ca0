// What the operations of float and double have in common: flushing, saturation, rounding and the GPU's NaN.
#ifndef DENSENET4J_SOFTWARE_CUDA_FLOAT_LANES_H
#define DENSENET4J_SOFTWARE_CUDA_FLOAT_LANES_H

#include <cfenv>
#include <cmath>
#include <cstring>
#include <limits>

#include "lanes.h"

namespace software_cuda {

template <class To, class From>
inline To bit_cast(From from) {
  static_assert(sizeof(To) == sizeof(From));
  To to;
  std::memcpy(&to, &from, sizeof to);
  return to;
}

// A subnormal number becomes zero of the same sign.
inline float flushed(float x) {
  const auto bits = bit_cast<uint32_t>(x);
  return (bits & 0x7f800000u) == 0 ? bit_cast<float>(bits & 0x80000000u) : x;
}

// To [0, 1]; NaN becomes 0.
template <class T>
inline T saturated(T x) {
  return x > 0 ? (x < 1 ? x : T{1}) : T{0};
}

// Operations on float yield one NaN only; those on double the processor's.
inline float canonical(float x) { return x != x ? bit_cast<float>(0x7fffffffu) : x; }
inline double canonical(double x) { return x; }

template <class Op, bool flush, bool saturate>
struct FloatOperation {
  explicit FloatOperation(const Instruction& i) : op(make_operation<Op>(i)) {}

  template <class... S>
  float operator()(S... sources) const {
    float d = canonical(flush ? op(flushed(sources)...) : op(sources...));
    if (flush) d = flushed(d);
    return saturate ? saturated(d) : d;
  }
  Op op;
};

// Runs in the rounding mode of the instruction.
template <Run run>
void in_rounding(Warp& warp, const Instruction& i, Mask active) {
  static constexpr int kModes[] = {FE_TONEAREST, FE_TOWARDZERO, FE_DOWNWARD, FE_UPWARD, FE_TONEAREST};
  std::fesetround(kModes[static_cast<int>(i.rounding)]);
  run(warp, i, active);
  std::fesetround(FE_TONEAREST);
}

template <class Op, class... S>
Run float_run(const Instruction& i) {
  const bool rounds = i.rounding != Rounding::kNearest;
  const auto pick = [rounds](auto flush, auto saturate) -> Run {
    using Operation = FloatOperation<Op, decltype(flush)::value, decltype(saturate)::value>;
    return rounds ? &in_rounding<&lanewise<Operation, float, S...>> : &lanewise<Operation, float, S...>;
  };
  using Yes = std::true_type;
  using No = std::false_type;
  if (i.flush) return i.saturate ? pick(Yes(), Yes()) : pick(Yes(), No());
  return i.saturate ? pick(No(), Yes()) : pick(No(), No());
}

template <class Op, class... S>
Run double_run(const Instruction& i) {
  return i.rounding != Rounding::kNearest ? &in_rounding<&lanewise<Op, double, S...>> : &lanewise<Op, double, S...>;
}

// Sets what runs an operation of `sources` float or double operands, after modifiers were read.
template <class Op>
void decode_float(Decoding& at, Type type, size_t sources) {
  take_operands(at, type, sources + 1);
  if (type == Type::kF32) {
    at.i.flush = at.take("ftz");
    at.i.saturate = at.take("sat");
  } else if (type != Type::kF64) {
    at.fail_type();
  }
  const bool single = type == Type::kF32;
  if constexpr (std::is_invocable_v<Op, float>) {
    if (sources == 1) at.i.run = single ? float_run<Op, float>(at.i) : double_run<Op, double>(at.i);
  } else if constexpr (std::is_invocable_v<Op, float, float>) {
    if (sources == 2) at.i.run = single ? float_run<Op, float, float>(at.i) : double_run<Op, double, double>(at.i);
  } else {
    at.i.run = single ? float_run<Op, float, float, float>(at.i) : double_run<Op, double, double, double>(at.i);
  }
}

}  // namespace software_cuda
#endif
