// cvt, and cvt.pack.
#include <limits>

#include "half.h"
#include "lanes.h"

namespace software_cuda {

namespace {

enum class Integral : uint8_t { kNo, kNearest, kZero, kDown, kUp };

// What an instruction says, besides its types: value holds the destination's Type, mode the rounding to integers.
struct Conversion {
  explicit Conversion(const Instruction& i)
      : to(static_cast<Type>(i.value & 255)),
        from(static_cast<Type>(i.value >> 8 & 255)),
        relu(i.value >> 16 & 1),
        integral(static_cast<Integral>(i.mode)),
        rounding(i.rounding),
        flush(i.flush),
        saturate(i.saturate) {}

  Type to, from;
  bool relu;
  Integral integral;
  Rounding rounding;
  bool flush, saturate;
};

double to_integral(double x, Integral how) {
  switch (how) {
    case Integral::kNearest: return std::nearbyint(x);
    case Integral::kZero: return std::trunc(x);
    case Integral::kDown: return std::floor(x);
    case Integral::kUp: return std::ceil(x);
    case Integral::kNo: break;
  }
  return x;
}

int bits_in(Type type) { return static_cast<int>(bytes_of(type)) * 8; }

// The low bits of a register as an integer of a type, extended to 64 bits.
uint64_t extended(uint64_t bits, Type type) {
  const int unused = 64 - bits_in(type);
  if (is_signed(type)) return static_cast<uint64_t>(static_cast<int64_t>(bits << unused) >> unused);
  return bits << unused >> unused;
}

struct IntegerToInteger : Conversion {
  using Conversion::Conversion;

  uint64_t operator()(uint64_t bits) const {
    const uint64_t value = extended(bits, from);
    return extended(saturate ? limited(value) : value, to);
  }

  uint64_t limited(uint64_t value) const {
    const int bits = bits_in(to);
    const bool negative = is_signed(from) && static_cast<int64_t>(value) < 0;
    const uint64_t largest = ~uint64_t{0} >> (64 - bits + is_signed(to));
    if (!negative) return std::min(value, largest);
    if (!is_signed(to)) return 0;
    return static_cast<uint64_t>(std::max(static_cast<int64_t>(value), -static_cast<int64_t>(largest) - 1));
  }
};

// Out of range means the nearest; NaN is 0 or, where 64 bits are on either side, the sign bit alone.
struct NumberToInteger : Conversion {
  using Conversion::Conversion;

  uint64_t operator()(double x) const {
    const int bits = bits_in(to);
    if (x != x) return bytes_of(from) == 8 || bytes_of(to) == 8 ? extended(uint64_t{1} << (bits - 1), to) : 0;
    x = to_integral(x, integral);
    if (is_signed(to)) {
      const double limit = std::ldexp(1.0, bits - 1);
      const uint64_t largest = ~uint64_t{0} >> (65 - bits);
      if (x >= limit) return largest;
      return x <= -limit ? ~largest : static_cast<uint64_t>(static_cast<int64_t>(x));
    }
    if (x >= std::ldexp(1.0, bits)) return ~uint64_t{0} >> (64 - bits);
    return x <= 0 ? 0 : static_cast<uint64_t>(x);
  }
};

// From the bits of a register of type S.
template <class S>
double number_in(S source, const Conversion& how) {
  if constexpr (std::is_same_v<S, double>) return source;
  if constexpr (std::is_same_v<S, float>) return how.flush ? flushed(source) : source;
  if constexpr (std::is_same_v<S, Float16> || std::is_same_v<S, Bfloat16>) return source.value();
}

template <class S, class R>
struct FloatToInteger {
  explicit FloatToInteger(const Instruction& i) : how(i) {}
  R operator()(S source) const { return static_cast<R>(how(number_in(source, how))); }
  NumberToInteger how;
};

template <class R1, class R2>
struct Integers {
  explicit Integers(const Instruction& i) : how(i) {}
  R2 operator()(R1 source) const { return static_cast<R2>(how(static_cast<uint64_t>(source))); }
  IntegerToInteger how;
};

// A double to the type D; to float with the processor's rounding mode, which in_rounding() sets.
template <class D>
D narrowed(double x, const Conversion& how) {
  if constexpr (std::is_same_v<D, double>) return x;
  if constexpr (std::is_same_v<D, float>) return canonical(static_cast<float>(x));
  if constexpr (std::is_same_v<D, Float16> || std::is_same_v<D, Bfloat16>) return D::of(x, how.rounding);
}

template <class D>
D finished(double x, const Conversion& how) {
  if (how.integral != Integral::kNo) x = to_integral(x, how.integral);
  if (how.saturate) x = saturated(x);
  if (how.relu && x <= 0) x = 0;
  D d = narrowed<D>(x, how);
  if constexpr (std::is_same_v<D, float>) {
    if (how.flush) d = flushed(d);
  }
  return d;
}

template <class S, class D>
struct FloatToFloat {
  explicit FloatToFloat(const Instruction& i) : how(i) {}
  D operator()(S source) const { return finished<D>(number_in(source, how), how); }
  Conversion how;
};

// Integers of up to 53 bits are exact in double; wider ones go to odd first, unless the processor rounds.
template <class R, class D>
struct IntegerToFloat {
  explicit IntegerToFloat(const Instruction& i) : how(i) {}

  D operator()(R source) const {
    const uint64_t value = extended(static_cast<uint64_t>(source), how.from);
    if constexpr (std::is_same_v<D, float> || std::is_same_v<D, double>) {
      const D d = is_signed(how.from) ? static_cast<D>(static_cast<int64_t>(value)) : static_cast<D>(value);
      return how.saturate ? saturated(d) : d;
    } else {
      const double high = is_signed(how.from) ? static_cast<double>(static_cast<int64_t>(value) >> 32) * 0x1p32
                                              : static_cast<double>(value >> 32) * 0x1p32;
      return finished<D>(sum_to_odd(high, static_cast<double>(value & 0xffffffffu)), how);
    }
  }
  Conversion how;
};

// Two floats to the halves of a 32-bit register; the first becomes the upper one.
template <class H>
struct ToPair {
  explicit ToPair(const Instruction& i) : how(i) {}
  uint32_t operator()(float upper, float lower) const {
    return static_cast<uint32_t>(finished<H>(upper, how).bits) << 16 | finished<H>(lower, how).bits;
  }
  Conversion how;
};

struct ToTf32 {
  explicit ToTf32(const Instruction& i) : how(i) {}
  uint32_t operator()(float x) const {
    if (how.relu && x <= 0) x = 0;
    if (x != x) return 0x7fffffffu;
    if (how.rounding == Rounding::kNearestAway) return (bit_cast<uint32_t>(x) + 0x1000u) & 0xffffe000u;  // most there are
    return rounded_bits<Tf32Format>(x, how.rounding) << 13;
  }
  Conversion how;
};

template <class F>
bool with_float(Type type, const F& f) {
  switch (type) {
    case Type::kF16: f(Float16{}); return true;
    case Type::kBf16: f(Bfloat16{}); return true;
    case Type::kF32: f(float{}); return true;
    case Type::kF64: f(double{}); return true;
    default: return false;
  }
}

// Registers by their size, as 8-bit values lie in wider ones.
template <class F>
void with_register(uint32_t bytes, const F& f) {
  if (bytes <= 2) f(uint16_t{});
  if (bytes == 4) f(uint32_t{});
  if (bytes == 8) f(uint64_t{});
}

// Of the register that is the operand, or of one for the type if it is none.
uint32_t operand_bytes(Decoding& at, size_t operand, Type type) {
  const auto found = at.register_type(at.operand(operand));
  return register_bytes(found && *found != Type::kPred ? *found : type);
}

void read_modifiers(Decoding& at) {
  static constexpr std::pair<std::string_view, Integral> kIntegral[] = {
      {"rni", Integral::kNearest}, {"rzi", Integral::kZero}, {"rmi", Integral::kDown}, {"rpi", Integral::kUp}};
  at.i.mode = static_cast<uint8_t>(at.take_one_of(kIntegral).value_or(Integral::kNo));
  at.i.rounding = at.rounding();
  at.i.flush = at.take("ftz");
  at.i.saturate = at.take("sat");
  if (at.take("relu")) at.i.value |= 1u << 16;
}

template <class D>
void choose_float_result(Decoding& at, Type from, uint32_t source_bytes) {
  const bool processor_rounds = std::is_floating_point_v<D> && at.i.rounding != Rounding::kNearest;
  if (!is_float(from)) {
    with_register(source_bytes, [&](auto s) {
      using Op = IntegerToFloat<decltype(s), D>;
      at.i.run = processor_rounds ? &in_rounding<&lanewise<Op, D, decltype(s)>> : &lanewise<Op, D, decltype(s)>;
    });
  } else if (!with_float(from, [&](auto s) {
               using Op = FloatToFloat<decltype(s), D>;
               const Run plain = &lanewise<Op, D, decltype(s)>;
               at.i.run = processor_rounds ? &in_rounding<&lanewise<Op, D, decltype(s)>> : plain;
             })) {
    at.fail_type();
  }
}

void choose_integer_result(Decoding& at, Type from, uint32_t source_bytes, uint32_t result_bytes) {
  with_register(result_bytes, [&](auto r) {
    using R = decltype(r);
    if (is_float(from)) {
      if (!with_float(from, [&](auto s) { at.i.run = &lanewise<FloatToInteger<decltype(s), R>, R, decltype(s)>; })) {
        at.fail_type();
      }
    } else {
      with_register(source_bytes, [&](auto s) { at.i.run = &lanewise<Integers<decltype(s), R>, R, decltype(s)>; });
    }
  });
}

void decode_pair(Decoding& at, Type to, Type from) {
  if (from != Type::kF32) at.fail_type();
  at.expect_operands(3);
  at.i.d = at.out(0, Type::kB32);
  at.i.a = at.in(1, from);
  at.i.b = at.in(2, from);
  at.i.run = to == Type::kF16x2 ? &lanewise<ToPair<Float16>, uint32_t, float, float>
                                : &lanewise<ToPair<Bfloat16>, uint32_t, float, float>;
}

void decode_cvt(Decoding& at) {
  read_modifiers(at);
  const Type to = at.type(), from = at.type();
  at.i.value |= static_cast<uint64_t>(to) | static_cast<uint64_t>(from) << 8;
  if (is_pair(to)) return decode_pair(at, to, from);
  at.expect_operands(2);
  const uint32_t result_bytes = operand_bytes(at, 0, to), source_bytes = operand_bytes(at, 1, from);
  if (result_bytes < bytes_of(to) || source_bytes < bytes_of(from)) at.fail("the register is too small");
  at.i.d = at.out(0, bits_type(result_bytes));
  at.i.a = at.in(1, is_float(from) ? from : bits_type(source_bytes));
  if (to == Type::kTf32) {
    if (from != Type::kF32) at.fail_type();
    at.i.run = &lanewise<ToTf32, uint32_t, float>;
  } else if (is_float(to)) {
    if (!with_float(to, [&](auto d) { choose_float_result<decltype(d)>(at, from, source_bytes); })) at.fail_type();
  } else {
    choose_integer_result(at, from, source_bytes, result_bytes);
  }
}

}  // namespace

void add_conversions(Opcodes& opcodes) { opcodes["cvt"] = &decode_cvt; }

}  // namespace software_cuda
