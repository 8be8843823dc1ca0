// Arithmetic of float16 and bfloat16, single and in pairs. Each operation rounds once.
#include "arithmetic.h"
#include "half.h"

namespace software_cuda {

namespace {

// The exact result, or one that rounds like it.
struct Add {
  double operator()(double a, double b) const { return sum_to_odd(a, b); }
};

struct Subtract {
  double operator()(double a, double b) const { return sum_to_odd(a, -b); }
};

struct Multiply {
  double operator()(double a, double b) const { return a * b; }
};

struct FusedMultiplyAdd {
  double operator()(double a, double b, double c) const { return sum_to_odd(a * b, c); }
};

// mode: what happens to operands and result.
enum : uint8_t { kFlush = 1, kSaturate = 2, kRelu = 4, kNan = 8, kSigns = 16 };

template <class Op, class H>
struct Rounded {
  explicit Rounded(const Instruction& i) : mode(i.mode) {}

  template <class... S>
  H operator()(S... sources) const {
    double d = mode & kFlush ? Op()(sources.flushed().value()...) : Op()(sources.value()...);
    if (mode & kSaturate) d = saturated(d);
    if (mode & kRelu && d <= 0) d = 0;
    const H result = H::of(d);
    return mode & kFlush ? result.flushed() : result;
  }
  uint8_t mode;
};

// Of the bits alone.
template <class H, bool negates>
struct Sign {
  explicit Sign(const Instruction& i) : mode(i.mode) {}

  H operator()(H a) const {
    const uint16_t bits = mode & kFlush ? a.flushed().bits : a.bits;
    return {static_cast<uint16_t>(negates ? bits ^ 0x8000u : bits & 0x7fffu)};
  }
  uint8_t mode;
};

template <class H, bool largest>
struct Extreme {
  explicit Extreme(const Instruction& i) : mode(i.mode) {}

  H operator()(H a, H b) const {
    if (mode & kFlush) {
      a = a.flushed();
      b = b.flushed();
    }
    const auto sign = static_cast<uint16_t>((a.bits ^ b.bits) & 0x8000u);
    if (mode & kSigns) {
      a.bits &= 0x7fff;
      b.bits &= 0x7fff;
    }
    const H d = choose(a, b);
    return mode & kSigns ? H{static_cast<uint16_t>(d.bits | sign)} : d;
  }

  H choose(H a, H b) const {
    if (a.is_nan() || b.is_nan()) {
      if (mode & kNan || (a.is_nan() && b.is_nan())) return {0x7fff};
      return a.is_nan() ? b : a;
    }
    const bool a_is_less = a.value() < b.value() || (a.value() == b.value() && (a.bits & 0x8000u));
    return a_is_less == largest ? b : a;
  }
  uint8_t mode;
};

template <class Op, class H, class... S>
void choose_run(Instruction& i, bool pairs, S...) {
  if (pairs) {
    i.run = &lanewise<InPairs<Op, H>, uint32_t, std::conditional_t<true, uint32_t, S>...>;
  } else {
    i.run = &lanewise<Op, H, S...>;
  }
}

template <class H>
void choose_operation(Decoding& at, bool pairs) {
  const std::string_view opcode = at.opcode();
  Instruction& i = at.i;
  const H h{};
  if (opcode == "add") choose_run<Rounded<Add, H>, H>(i, pairs, h, h);
  if (opcode == "sub") choose_run<Rounded<Subtract, H>, H>(i, pairs, h, h);
  if (opcode == "mul") choose_run<Rounded<Multiply, H>, H>(i, pairs, h, h);
  if (opcode == "fma") choose_run<Rounded<FusedMultiplyAdd, H>, H>(i, pairs, h, h, h);
  if (opcode == "neg") choose_run<Sign<H, true>, H>(i, pairs, h);
  if (opcode == "abs") choose_run<Sign<H, false>, H>(i, pairs, h);
  if (opcode == "min") choose_run<Extreme<H, false>, H>(i, pairs, h, h);
  if (opcode == "max") choose_run<Extreme<H, true>, H>(i, pairs, h, h);
}

}  // namespace

void decode_half_arithmetic(Decoding& at, Type type) {
  at.take("rn");
  const auto flag = [&](std::string_view name, unsigned bit) { return at.take(name) ? bit : 0; };
  unsigned mode = flag("ftz", kFlush);
  if (at.opcode() == "fma") mode |= flag("relu", kRelu);
  if (at.opcode() == "min" || at.opcode() == "max") {
    mode |= flag("NaN", kNan);
    if (at.take("xorsign")) mode |= flag("abs", kSigns);
  } else {
    mode |= flag("sat", kSaturate);
  }
  at.i.mode = static_cast<uint8_t>(mode);
  const std::string_view opcode = at.opcode();
  take_operands(at, type, opcode == "fma" ? 4 : opcode == "neg" || opcode == "abs" ? 2 : 3);
  const bool pairs = is_pair(type);
  if (type == Type::kF16 || type == Type::kF16x2) {
    choose_operation<Float16>(at, pairs);
  } else if (type == Type::kBf16 || type == Type::kBf16x2) {
    choose_operation<Bfloat16>(at, pairs);
  }
  if (!at.i.run) at.fail_type();
}

}  // namespace software_cuda
