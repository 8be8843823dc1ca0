// Arithmetic of integers but for carries and single bits.
#include <limits>

#include "arithmetic.h"

namespace software_cuda {

namespace {

template <class T>
using Unsigned = std::make_unsigned_t<T>;

// Sums and products wrap around.
template <class T>
inline T wrapped_product(T a, T b) {
  return static_cast<T>(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
}

struct Add {
  template <class T>
  T operator()(T a, T b) const {
    return static_cast<T>(static_cast<Unsigned<T>>(a) + static_cast<Unsigned<T>>(b));
  }
};

struct Subtract {
  template <class T>
  T operator()(T a, T b) const {
    return static_cast<T>(static_cast<Unsigned<T>>(a) - static_cast<Unsigned<T>>(b));
  }
};

int32_t clamped(int64_t value) {
  return static_cast<int32_t>(std::min<int64_t>(std::max<int64_t>(value, std::numeric_limits<int32_t>::min()),
                                                std::numeric_limits<int32_t>::max()));
}

struct SaturatedAdd {
  int32_t operator()(int32_t a, int32_t b) const { return clamped(int64_t{a} + b); }
};

struct SaturatedSubtract {
  int32_t operator()(int32_t a, int32_t b) const { return clamped(int64_t{a} - b); }
};

struct MultiplyLow {
  template <class T>
  T operator()(T a, T b) const {
    return wrapped_product(a, b);
  }
  template <class T>
  T operator()(T a, T b, T c) const {
    return static_cast<T>(static_cast<uint64_t>(wrapped_product(a, b)) + static_cast<uint64_t>(c));
  }
};

struct MultiplyHigh {
  template <class T>
  T operator()(T a, T b) const {
    using Wide = std::conditional_t<std::is_signed_v<T>, __int128, unsigned __int128>;
    return static_cast<T>(static_cast<Wide>(a) * static_cast<Wide>(b) >> (8 * sizeof(T)));
  }
  template <class T>
  T operator()(T a, T b, T c) const {
    return Add()((*this)(a, b), c);
  }
};

struct SaturatedMultiplyHighAdd {
  int32_t operator()(int32_t a, int32_t b, int32_t c) const { return clamped(int64_t{MultiplyHigh()(a, b)} + c); }
};

template <class Wide>
struct MultiplyWide {
  template <class T>
  Wide operator()(T a, T b) const {
    return static_cast<Wide>(a) * static_cast<Wide>(b);
  }
  template <class T>
  Wide operator()(T a, T b, Wide c) const {
    return Add()((*this)(a, b), c);
  }
};

// As the low 24 bits say, signs extended.
template <class T>
inline int64_t low_24(T a) {
  return static_cast<T>(static_cast<Unsigned<T>>(a) << 8) >> 8;
}

template <int shift>
struct Multiply24 {
  template <class T>
  T operator()(T a, T b) const {
    return static_cast<T>(low_24(a) * low_24(b) >> shift);
  }
  template <class T>
  T operator()(T a, T b, T c) const {
    return Add()((*this)(a, b), c);
  }
};

// Division by zero yields all ones, its remainder the dividend.
struct Divide {
  template <class T>
  T operator()(T a, T b) const {
    if (b == 0) return static_cast<T>(~T{0});
    if (std::is_signed_v<T> && b == static_cast<T>(-1)) return static_cast<T>(0 - static_cast<Unsigned<T>>(a));
    return static_cast<T>(a / b);
  }
};

struct Remainder {
  template <class T>
  T operator()(T a, T b) const {
    if (b == 0) return a;
    if (std::is_signed_v<T> && b == static_cast<T>(-1)) return 0;
    return static_cast<T>(a % b);
  }
};

struct Negate {
  template <class T>
  T operator()(T a) const {
    return static_cast<T>(0 - static_cast<Unsigned<T>>(a));
  }
};

struct Absolute {
  template <class T>
  T operator()(T a) const {
    return a < 0 ? Negate()(a) : a;
  }
};

struct Minimum {
  template <class T>
  T operator()(T a, T b) const {
    return b < a ? b : a;
  }
};

struct Maximum {
  template <class T>
  T operator()(T a, T b) const {
    return b > a ? b : a;
  }
};

template <class Op>
struct ClampNegative {
  int32_t operator()(int32_t a, int32_t b) const { return std::max(Op()(a, b), 0); }
};

struct AbsoluteDifferenceAdd {
  template <class T>
  T operator()(T a, T b, T c) const {
    return Add()(a < b ? Subtract()(b, a) : Subtract()(a, b), c);
  }
};

// The halves of a 32-bit register.
template <class Op, class T>
struct InHalves {
  uint32_t operator()(uint32_t a, uint32_t b) const {
    const auto half = [&](int shift) {
      const T result = Op()(static_cast<T>(a >> shift), static_cast<T>(b >> shift));
      return static_cast<uint32_t>(static_cast<uint16_t>(result)) << shift;
    };
    return half(0) | half(16);
  }
};

template <class Op>
void decode_unary(Decoding& at, Type type) {
  take_operands(at, type, 2);
  if (!with_integer(type, [&](auto t) { at.i.run = &lanewise<Op, decltype(t), decltype(t)>; })) at.fail_type();
}

template <class Op>
void decode_binary(Decoding& at, Type type) {
  take_operands(at, type, 3);
  if (type == Type::kU16x2) {
    at.i.run = &lanewise<InHalves<Op, uint16_t>, uint32_t, uint32_t, uint32_t>;
  } else if (type == Type::kS16x2) {
    at.i.run = &lanewise<InHalves<Op, int16_t>, uint32_t, uint32_t, uint32_t>;
  } else if (!with_integer(type, [&](auto t) { at.i.run = &lanewise<Op, decltype(t), decltype(t), decltype(t)>; })) {
    at.fail_type();
  }
}

template <class Op>
void decode_ternary(Decoding& at, Type type) {
  take_operands(at, type, 4);
  const auto set = [&](auto t) { at.i.run = &lanewise<Op, decltype(t), decltype(t), decltype(t), decltype(t)>; };
  if (!with_integer(type, set)) at.fail_type();
}

void decode_wide(Decoding& at, Type type, bool adds) {
  const Type wide = type == Type::kU16   ? Type::kU32
                    : type == Type::kS16 ? Type::kS32
                    : type == Type::kU32 ? Type::kU64
                                         : Type::kS64;
  at.expect_operands(adds ? 4 : 3);
  at.i.d = at.out(0, wide);
  at.i.a = at.in(1, type);
  at.i.b = at.in(2, type);
  if (adds) at.i.c = at.in(3, wide);
  const auto set = [&](auto t, auto w) {
    using T = decltype(t);
    using W = decltype(w);
    at.i.run = adds ? &lanewise<MultiplyWide<W>, W, T, T, W> : &lanewise<MultiplyWide<W>, W, T, T>;
  };
  if (type == Type::kU16) set(uint16_t{}, uint32_t{});
  if (type == Type::kS16) set(int16_t{}, int32_t{});
  if (type == Type::kU32) set(uint32_t{}, uint64_t{});
  if (type == Type::kS32) set(int32_t{}, int64_t{});
  if (!at.i.run) at.fail_type();
}

// What mul and mad share.
template <class Op>
void decode_product(Decoding& at, Type type, bool adds) {
  adds ? decode_ternary<Op>(at, type) : decode_binary<Op>(at, type);
}

void decode_multiply(Decoding& at, Type type, bool adds) {
  if (at.take("wide")) {
    decode_wide(at, type, adds);
  } else if (at.take("lo")) {
    decode_product<MultiplyLow>(at, type, adds);
  } else if (!at.take("hi")) {
    at.fail("one of .lo, .hi and .wide is missing");
  } else if (adds && type == Type::kS32 && at.take("sat")) {
    take_operands(at, type, 4);
    at.i.run = &lanewise<SaturatedMultiplyHighAdd, int32_t, int32_t, int32_t, int32_t>;
  } else {
    decode_product<MultiplyHigh>(at, type, adds);
  }
}

template <bool adds>
void decode_multiply_24(Decoding& at) {
  const Type type = at.type();
  if (type != Type::kU32 && type != Type::kS32) at.fail_type();
  if (at.take("lo")) {
    decode_product<Multiply24<0>>(at, type, adds);
  } else if (at.take("hi")) {
    decode_product<Multiply24<16>>(at, type, adds);
  } else {
    at.fail("one of .lo and .hi is missing");
  }
}

void decode_sad(Decoding& at) { decode_ternary<AbsoluteDifferenceAdd>(at, at.type()); }
void decode_rem(Decoding& at) { decode_binary<Remainder>(at, at.type()); }

template <class Op>
void decode_clampable(Decoding& at, Type type) {
  if (type == Type::kS32 && at.take("relu")) {
    take_operands(at, type, 3);
    at.i.run = &lanewise<ClampNegative<Op>, int32_t, int32_t, int32_t>;
  } else {
    decode_binary<Op>(at, type);
  }
}

template <class Op, class Saturated>
void decode_saturable(Decoding& at, Type type) {
  if (type == Type::kS32 && at.take("sat")) {
    take_operands(at, type, 3);
    at.i.run = &lanewise<Saturated, int32_t, int32_t, int32_t>;
  } else {
    decode_binary<Op>(at, type);
  }
}

}  // namespace

void decode_integer_arithmetic(Decoding& at, Type type) {
  const std::string_view opcode = at.opcode();
  if (at.has("cc")) return decode_carrying_arithmetic(at, type);
  if (opcode == "add") return decode_saturable<Add, SaturatedAdd>(at, type);
  if (opcode == "sub") return decode_saturable<Subtract, SaturatedSubtract>(at, type);
  if (opcode == "mul") return decode_multiply(at, type, false);
  if (opcode == "mad") return decode_multiply(at, type, true);
  if (opcode == "div") return decode_binary<Divide>(at, type);
  if (opcode == "neg") return decode_unary<Negate>(at, type);
  if (opcode == "abs") return decode_unary<Absolute>(at, type);
  if (opcode == "min") return decode_clampable<Minimum>(at, type);
  if (opcode == "max") return decode_clampable<Maximum>(at, type);
  at.fail_type();
}

void add_integer_arithmetic(Opcodes& opcodes) {
  opcodes["sad"] = &decode_sad;
  opcodes["rem"] = &decode_rem;
  opcodes["mul24"] = &decode_multiply_24<false>;
  opcodes["mad24"] = &decode_multiply_24<true>;
}

}  // namespace software_cuda
