// setp, and the logic of predicates that it allows.
#include <cmath>

#include "arithmetic.h"
#include "comparisons.h"

namespace software_cuda {

namespace {

// value: how the result is combined with the predicate c.
Mask combined(const Warp& warp, const Instruction& i, Mask result) {
  if (i.c == kNoSlot) return result;
  const Mask other = warp.registers.predicate(i.c);
  return i.value == 0 ? result & other : i.value == 1 ? result | other : result ^ other;
}

// The second predicate is that of the opposite.
template <class T>
void set_predicates(Warp& warp, const Instruction& i, Mask active) {
  Registers& registers = warp.registers;
  const Mask result = compare_lanes<T>(warp, i, active);
  const Mask p = combined(warp, i, result), q = combined(warp, i, ~result);
  registers.set_predicate(i.d, p, active);
  if (i.p != kNoSlot) registers.set_predicate(i.p, q, active);
}

// The second predicate is that of the upper halves.
template <class H>
void set_pair_predicates(Warp& warp, const Instruction& i, Mask active) {
  Registers& registers = warp.registers;
  const Mask p = combined(warp, i, compare_lanes<InHalf<H, 0>>(warp, i, active));
  const Mask q = combined(warp, i, compare_lanes<InHalf<H, 16>>(warp, i, active));
  registers.set_predicate(i.d, p, active);
  registers.set_predicate(i.p, q, active);
}

Run setp_run(Type type, bool flush) {
  Run run = nullptr;
  switch (type) {
    case Type::kF32: return flush ? &set_predicates<Flushed> : &set_predicates<float>;
    case Type::kF64: return &set_predicates<double>;
    case Type::kF16: return &set_predicates<Float16>;
    case Type::kBf16: return &set_predicates<Bfloat16>;
    case Type::kF16x2: return &set_pair_predicates<Float16>;
    case Type::kBf16x2: return &set_pair_predicates<Bfloat16>;
    default: with_integer(type, [&](auto t) { run = &set_predicates<decltype(t)>; });
  }
  return run;
}

// d is `value` where the comparison holds, else 0; for pairs in each half.
template <class T>
void set_value(Warp& warp, const Instruction& i, Mask active) {
  const Mask result = compare_lanes<T>(warp, i, active);
  uint32_t* d = warp.registers.to<uint32_t>(i.d);
  for_each_lane(active, [&](int lane) { d[lane] = result >> lane & 1 ? static_cast<uint32_t>(i.value) : 0; });
}

template <class H>
void set_pair_values(Warp& warp, const Instruction& i, Mask active) {
  const Mask low = compare_lanes<InHalf<H, 0>>(warp, i, active), high = compare_lanes<InHalf<H, 16>>(warp, i, active);
  uint32_t* d = warp.registers.to<uint32_t>(i.d);
  for_each_lane(active, [&](int lane) {
    const auto value = static_cast<uint32_t>(i.value);
    d[lane] = (low >> lane & 1 ? value & 0xffffu : 0) | (high >> lane & 1 ? value & 0xffff0000u : 0);
  });
}

void decode_set(Decoding& at) {
  at.i.mode = static_cast<uint8_t>(take_comparison(at));
  const bool flush = at.take("ftz");
  const Type to = at.type(), from = at.type();
  at.expect_operands(3);
  if (bytes_of(to) != 4) at.fail_type();
  at.i.d = at.out(0, to);
  at.i.a = at.in(1, from);
  at.i.b = at.in(2, from);
  at.i.value = to == Type::kF32      ? 0x3f800000u
               : to == Type::kF16x2  ? 0x3c003c00u
               : to == Type::kBf16x2 ? 0x3f803f80u
                                     : 0xffffffffu;
  if (is_pair(to) && !is_pair(from)) at.fail_type();
  if (from == Type::kF32) at.i.run = flush ? &set_value<Flushed> : &set_value<float>;
  if (from == Type::kF64) at.i.run = &set_value<double>;
  if (from == Type::kF16x2) at.i.run = &set_pair_values<Float16>;
  if (from == Type::kBf16x2) at.i.run = &set_pair_values<Bfloat16>;
  if (is_integer(from)) with_integer(from, [&](auto t) { at.i.run = &set_value<decltype(t)>; });
  if (!at.i.run) at.fail_type();
}

void decode_setp(Decoding& at) {
  at.i.mode = static_cast<uint8_t>(take_comparison(at));
  const bool combines = at.operands() == 4;
  at.i.value = at.take("or") ? 1 : at.take("xor") ? 2 : 0;
  if (combines && !at.i.value && !at.take("and")) at.fail("one of .and, .or and .xor is missing");
  const bool flush = at.take("ftz");
  const Type type = at.type();
  at.expect_operands(3, 4);
  const Expression& d = at.operand(0);
  const bool two = d.kind == Expression::Kind::kPair;
  at.i.d = at.predicate_out(two ? d.elements[0] : d);
  if (two) at.i.p = at.predicate_out(d.elements[1]);
  at.i.a = at.in(1, type);
  at.i.b = at.in(2, type);
  if (combines) at.i.c = at.predicate_in(3);
  if (is_pair(type) && !two) at.fail("two predicates are expected");
  at.i.run = setp_run(type, flush);
  if (!at.i.run) at.fail_type();
}

}  // namespace

Comparison take_comparison(Decoding& at) {
  static constexpr std::pair<std::string_view, Comparison> kComparisons[] = {
      {"eq", Comparison::kEqual},
      {"ne", Comparison::kNotEqual},
      {"lt", Comparison::kLess},
      {"le", Comparison::kLessEqual},
      {"gt", Comparison::kGreater},
      {"ge", Comparison::kGreaterEqual},
      {"lo", Comparison::kLess},
      {"ls", Comparison::kLessEqual},
      {"hi", Comparison::kGreater},
      {"hs", Comparison::kGreaterEqual},
      {"equ", Comparison::kEqualUnordered},
      {"neu", Comparison::kNotEqualUnordered},
      {"ltu", Comparison::kLessUnordered},
      {"leu", Comparison::kLessEqualUnordered},
      {"gtu", Comparison::kGreaterUnordered},
      {"geu", Comparison::kGreaterEqualUnordered},
      {"num", Comparison::kNumbers},
      {"nan", Comparison::kNan},
  };
  return at.take_one_of(kComparisons, "the comparison is not known");
}

void add_comparisons(Opcodes& opcodes) {
  opcodes["setp"] = &decode_setp;
  opcodes["set"] = &decode_set;
}

}  // namespace software_cuda
