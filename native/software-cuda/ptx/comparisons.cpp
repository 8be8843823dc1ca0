// setp, and the logic of predicates that it allows.
#include <cmath>

#include "arithmetic.h"
#include "comparisons.h"

namespace software_cuda {

namespace {

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

// value: how the result is combined with the predicate c.
template <class T>
void set_predicates(Warp& warp, const Instruction& i, Mask active) {
  Registers& registers = warp.registers;
  const Mask result = compare_lanes<T>(warp, i, active);
  const auto combine = [&](Mask with) {
    if (i.c == kNoSlot) return with;
    const Mask other = registers.predicate(i.c);
    return i.value == 0 ? with & other : i.value == 1 ? with | other : with ^ other;
  };
  const Mask p = combine(result), q = combine(~result);
  registers.set_predicate(i.d, p, active);
  if (i.p != kNoSlot) registers.set_predicate(i.p, q, active);
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
  if (type == Type::kF32) {
    at.i.run = flush ? &set_predicates<Flushed> : &set_predicates<float>;
  } else if (type == Type::kF64) {
    at.i.run = &set_predicates<double>;
  } else if (is_float(type) || !with_integer(type, [&](auto t) { at.i.run = &set_predicates<decltype(t)>; })) {
    at.fail_type(type);
  }
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
  for (const auto& [name, comparison] : kComparisons) {
    if (at.take(name)) return comparison;
  }
  at.fail("the comparison is not known");
}

void add_comparisons(Opcodes& opcodes) { opcodes["setp"] = &decode_setp; }

}  // namespace software_cuda
