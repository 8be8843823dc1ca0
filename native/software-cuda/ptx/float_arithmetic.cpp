// Arithmetic of float and double.
#include "arithmetic.h"
#include "float_lanes.h"

namespace software_cuda {

namespace {

struct Add {
  template <class T>
  T operator()(T a, T b) const {
    return a + b;
  }
};

struct Subtract {
  template <class T>
  T operator()(T a, T b) const {
    return a - b;
  }
};

struct Multiply {
  template <class T>
  T operator()(T a, T b) const {
    return a * b;
  }
};

struct Divide {
  template <class T>
  T operator()(T a, T b) const {
    return a / b;
  }
};

struct FusedMultiplyAdd {
  template <class T>
  T operator()(T a, T b, T c) const {
    return std::fma(a, b, c);
  }
};

struct Negate {
  template <class T>
  T operator()(T a) const {
    return -a;
  }
};

struct Absolute {
  template <class T>
  T operator()(T a) const {
    return std::fabs(a);
  }
};

// The smaller or larger number; a NaN loses, unless the instruction wants to see it. -0 is smaller than +0.
template <bool largest>
struct Extreme {
  explicit Extreme(const Instruction& i) : nan(i.mode & 1), signs(i.mode & 2) {}

  template <class T>
  T operator()(T a, T b) const {
    const bool negative = std::signbit(a) != std::signbit(b);
    if (signs) {
      a = std::fabs(a);
      b = std::fabs(b);
    }
    const T d = choose(a, b);
    return signs ? std::copysign(d, negative ? T{-1} : T{1}) : d;
  }

  template <class T>
  T choose(T a, T b) const {
    if (a != a || b != b) return nan ? a + b : a != a ? b : a;
    if (a == b) return std::signbit(a) == largest ? b : a;
    return (a < b) == largest ? b : a;
  }

  bool nan, signs;
};

// Neither NaN nor sign of a NaN is changed by these.
template <class Op>
void decode_sign(Decoding& at, Type type) {
  take_operands(at, type, 2);
  if (type == Type::kF64) {
    at.i.run = &lanewise<Op, double, double>;
  } else if (at.take("ftz")) {
    at.i.run = &lanewise<FloatOperation<Op, true, false>, float, float>;
  } else {
    at.i.run = &lanewise<Op, float, float>;
  }
}

template <bool largest>
void decode_extreme(Decoding& at, Type type) {
  at.i.mode = static_cast<uint8_t>((at.take("NaN") ? 1 : 0) | (at.take("xorsign") && at.take("abs") ? 2 : 0));
  decode_float<Extreme<largest>>(at, type, 2);
}

// Approximations may be exact.
void decode_divide(Decoding& at, Type type) {
  if (!at.take("approx") && !at.take("full")) at.i.rounding = at.rounding();
  decode_float<Divide>(at, type, 2);
}

template <class Op>
void decode_rounded(Decoding& at, Type type, size_t sources) {
  at.i.rounding = at.rounding();
  decode_float<Op>(at, type, sources);
}

struct CopySign {
  template <class T>
  T operator()(T a, T b) const {
    return std::copysign(b, a);
  }
};

void decode_copysign(Decoding& at) {
  const Type type = at.type();
  take_operands(at, type, 3);
  if (type == Type::kF32) at.i.run = &lanewise<CopySign, float, float, float>;
  if (type == Type::kF64) at.i.run = &lanewise<CopySign, double, double, double>;
  if (!at.i.run) at.fail_type();
}

// Of any type: the first modifier that is one decides which file knows it.
void decode_arithmetic(Decoding& at) {
  const Type type = at.type();
  if (type == Type::kF32 || type == Type::kF64) {
    decode_float_arithmetic(at, type);
  } else if (is_float(type)) {
    decode_half_arithmetic(at, type);
  } else {
    decode_integer_arithmetic(at, type);
  }
}

}  // namespace

void decode_float_arithmetic(Decoding& at, Type type) {
  const std::string_view opcode = at.opcode();
  if (opcode == "add") return decode_rounded<Add>(at, type, 2);
  if (opcode == "sub") return decode_rounded<Subtract>(at, type, 2);
  if (opcode == "mul") return decode_rounded<Multiply>(at, type, 2);
  if (opcode == "mad" || opcode == "fma") return decode_rounded<FusedMultiplyAdd>(at, type, 3);
  if (opcode == "div") return decode_divide(at, type);
  if (opcode == "neg") return decode_sign<Negate>(at, type);
  if (opcode == "abs") return decode_sign<Absolute>(at, type);
  if (opcode == "min") return decode_extreme<false>(at, type);
  if (opcode == "max") return decode_extreme<true>(at, type);
  at.fail_type();
}

void add_float_arithmetic(Opcodes& opcodes) {
  for (const char* name : {"add", "sub", "mul", "mad", "fma", "div", "neg", "abs", "min", "max"}) {
    opcodes[name] = &decode_arithmetic;
  }
  opcodes["copysign"] = &decode_copysign;
}

}  // namespace software_cuda
