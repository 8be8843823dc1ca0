// Logic and shifts, of bits and of predicates.
#include "lanes.h"

namespace software_cuda {

namespace {

struct And {
  template <class T>
  T operator()(T a, T b) const {
    return static_cast<T>(a & b);
  }
};

struct Or {
  template <class T>
  T operator()(T a, T b) const {
    return static_cast<T>(a | b);
  }
};

struct Xor {
  template <class T>
  T operator()(T a, T b) const {
    return static_cast<T>(a ^ b);
  }
};

struct Not {
  template <class T>
  T operator()(T a) const {
    return static_cast<T>(~a);
  }
};

struct LogicalNot {
  template <class T>
  T operator()(T a) const {
    return a == 0;
  }
};

// Shifts by more than the width shift everything out.
struct ShiftLeft {
  template <class T>
  T operator()(T a, uint32_t by) const {
    return by < 8 * sizeof(T) ? static_cast<T>(static_cast<uint64_t>(a) << by) : T{0};
  }
};

struct ShiftRight {
  template <class T>
  T operator()(T a, uint32_t by) const {
    constexpr uint32_t kMost = 8 * sizeof(T) - 1;
    if (by > kMost) return std::is_signed_v<T> ? static_cast<T>(a >> kMost) : T{0};
    return static_cast<T>(a >> by);
  }
};

// mode: 1 shifts left, 2 clamps the distance instead of wrapping it.
struct FunnelShift {
  explicit FunnelShift(const Instruction& i) : left(i.mode & 1), clamp(i.mode & 2) {}

  uint32_t operator()(uint32_t low, uint32_t high, uint32_t by) const {
    const uint32_t distance = clamp ? std::min(by, 32u) : by & 31u;
    const uint64_t both = static_cast<uint64_t>(high) << 32 | low;
    return left ? static_cast<uint32_t>(both << distance >> 32) : static_cast<uint32_t>(both >> distance);
  }
  bool left, clamp;
};

// value: the truth table.
struct ThreeInputLogic {
  explicit ThreeInputLogic(const Instruction& i) : table(i.value) {}

  uint32_t operator()(uint32_t a, uint32_t b, uint32_t c) const {
    uint32_t d = 0;
    for (uint32_t row = 0; row < 8; row++) {
      if (table >> row & 1) d |= (row & 4 ? a : ~a) & (row & 2 ? b : ~b) & (row & 1 ? c : ~c);
    }
    return d;
  }
  uint64_t table;
};

template <class Op>
void predicate_logic(Warp& warp, const Instruction& i, Mask active) {
  warp.registers.set_predicate(i.d, Op()(warp.registers.predicate(i.a), warp.registers.predicate(i.b)), active);
}

void predicate_not(Warp& warp, const Instruction& i, Mask active) {
  warp.registers.set_predicate(i.d, ~warp.registers.predicate(i.a), active);
}

template <class Op>
void decode_logic(Decoding& at) {
  const Type type = at.type();
  if (type == Type::kPred) {
    at.expect_operands(3);
    at.i.d = at.predicate_out(at.operand(0));
    at.i.a = at.predicate_in(1);
    at.i.b = at.predicate_in(2);
    at.i.run = &predicate_logic<Op>;
    return;
  }
  take_operands(at, type, 3);
  if (!with_bits(type, [&](auto t) { at.i.run = &lanewise<Op, decltype(t), decltype(t), decltype(t)>; })) {
    at.fail_type();
  }
}

void decode_not(Decoding& at) {
  const Type type = at.type();
  if (type == Type::kPred) {
    at.expect_operands(2);
    at.i.d = at.predicate_out(at.operand(0));
    at.i.a = at.predicate_in(1);
    at.i.run = &predicate_not;
    return;
  }
  take_operands(at, type, 2);
  if (!with_bits(type, [&](auto t) { at.i.run = &lanewise<Not, decltype(t), decltype(t)>; })) at.fail_type();
}

void decode_cnot(Decoding& at) {
  const Type type = at.type();
  take_operands(at, type, 2);
  if (!with_bits(type, [&](auto t) { at.i.run = &lanewise<LogicalNot, decltype(t), decltype(t)>; })) at.fail_type();
}

template <class Op>
void decode_shift(Decoding& at) {
  const Type type = at.type();
  at.expect_operands(3);
  at.i.d = at.out(0, type);
  at.i.a = at.in(1, type);
  at.i.b = at.in(2, Type::kU32);
  if (!with_integer(type, [&](auto t) { at.i.run = &lanewise<Op, decltype(t), decltype(t), uint32_t>; })) {
    at.fail_type();
  }
}

void decode_shf(Decoding& at) {
  const bool left = at.take("l");
  if (!left && !at.take("r")) at.fail("one of .l and .r is missing");
  const bool clamp = at.take("clamp");
  if (!clamp && !at.take("wrap")) at.fail("one of .clamp and .wrap is missing");
  at.i.mode = static_cast<uint8_t>((left ? 1 : 0) | (clamp ? 2 : 0));
  const Type type = at.type();
  if (type != Type::kB32) at.fail_type();
  take_operands(at, type, 4);
  at.i.run = &lanewise<FunnelShift, uint32_t, uint32_t, uint32_t, uint32_t>;
}

void decode_lop3(Decoding& at) {
  const Type type = at.type();
  if (type != Type::kB32) at.fail_type();
  at.expect_operands(5);
  at.i.d = at.out(0, type);
  at.i.a = at.in(1, type);
  at.i.b = at.in(2, type);
  at.i.c = at.in(3, type);
  at.i.value = at.number(4);
  at.i.run = &lanewise<ThreeInputLogic, uint32_t, uint32_t, uint32_t, uint32_t>;
}

}  // namespace

void add_logic(Opcodes& opcodes) {
  opcodes["and"] = &decode_logic<And>;
  opcodes["or"] = &decode_logic<Or>;
  opcodes["xor"] = &decode_logic<Xor>;
  opcodes["not"] = &decode_not;
  opcodes["cnot"] = &decode_cnot;
  opcodes["shl"] = &decode_shift<ShiftLeft>;
  opcodes["shr"] = &decode_shift<ShiftRight>;
  opcodes["shf"] = &decode_shf;
  opcodes["lop3"] = &decode_lop3;
}

}  // namespace software_cuda
