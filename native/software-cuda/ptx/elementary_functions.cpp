// Roots, reciprocals, exponentials, logarithms, sines: the approximations of a GPU are exact to float's precision here.
#include "arithmetic.h"
#include "half.h"

namespace software_cuda {

namespace {

struct Reciprocal {
  template <class T>
  T operator()(T a) const {
    return T{1} / a;
  }
};

struct SquareRoot {
  template <class T>
  T operator()(T a) const {
    return std::sqrt(a);
  }
};

struct ReciprocalRoot {
  float operator()(float a) const { return static_cast<float>(1.0 / std::sqrt(static_cast<double>(a))); }
  double operator()(double a) const { return 1.0 / std::sqrt(a); }
};

struct Exponential {
  float operator()(float a) const { return std::exp2(a); }
};

struct Logarithm {
  float operator()(float a) const { return std::log2(a); }
};

struct Sine {
  float operator()(float a) const { return std::sin(a); }
};

struct Cosine {
  float operator()(float a) const { return std::cos(a); }
};

struct HyperbolicTangent {
  float operator()(float a) const { return std::tanh(a); }
};

// .approx or a rounding.
template <class Op>
void decode_root(Decoding& at) {
  if (!at.take("approx")) at.i.rounding = at.rounding();
  const Type type = at.type();
  if (type == Type::kF64) at.take("ftz");
  decode_float<Op>(at, type, 1);
}

template <class Op, class H>
struct OfHalf {
  H operator()(H a) const { return H::of(Op()(static_cast<float>(a.value()))); }
};

template <class Op, class H>
using OfHalves = InPairs<OfHalf<Op, H>, H>;

// Of float; and, if `of_halves`, of 16-bit numbers.
template <class Op, bool of_halves>
void decode_approximation(Decoding& at) {
  if (!at.take("approx")) at.fail(".approx is missing");
  const Type type = at.type();
  take_operands(at, type, 2);
  at.i.flush = at.take("ftz");
  if (type == Type::kF32) at.i.run = float_run<Op, float>(at.i);
  if (of_halves && type == Type::kF16) at.i.run = &lanewise<OfHalf<Op, Float16>, Float16, Float16>;
  if (of_halves && type == Type::kBf16) at.i.run = &lanewise<OfHalf<Op, Bfloat16>, Bfloat16, Bfloat16>;
  if (of_halves && type == Type::kF16x2) at.i.run = &lanewise<OfHalves<Op, Float16>, uint32_t, uint32_t>;
  if (of_halves && type == Type::kBf16x2) at.i.run = &lanewise<OfHalves<Op, Bfloat16>, uint32_t, uint32_t>;
  if (!at.i.run) at.fail_type();
}

enum class Property : uint8_t { kFinite, kInfinite, kNumber, kNan, kNormal, kSubnormal };

struct HasProperty {
  explicit HasProperty(const Instruction& i) : property(static_cast<Property>(i.mode)) {}

  template <class T>
  bool operator()(T a) const {
    switch (property) {
      case Property::kFinite: return std::isfinite(a);
      case Property::kInfinite: return std::isinf(a);
      case Property::kNumber: return a == a;
      case Property::kNan: return a != a;
      case Property::kNormal: return std::isnormal(a);
      case Property::kSubnormal: return std::fpclassify(a) == FP_SUBNORMAL;
    }
    return false;
  }
  Property property;
};

template <class T>
void test_property(Warp& warp, const Instruction& i, Mask active) {
  warp.registers.set_predicate(i.d, test_lanes<HasProperty, T>(warp, i, active, std::make_index_sequence<1>()), active);
}

void decode_testp(Decoding& at) {
  static constexpr std::pair<std::string_view, Property> kProperties[] = {
      {"finite", Property::kFinite}, {"infinite", Property::kInfinite}, {"number", Property::kNumber},
      {"notanumber", Property::kNan}, {"normal", Property::kNormal}, {"subnormal", Property::kSubnormal}};
  at.i.mode = static_cast<uint8_t>(at.take_one_of(kProperties, "what to test is missing"));
  const Type type = at.type();
  at.expect_operands(2);
  at.i.d = at.predicate_out(at.operand(0));
  at.i.a = at.in(1, type);
  if (type == Type::kF32) at.i.run = &test_property<float>;
  if (type == Type::kF64) at.i.run = &test_property<double>;
  if (!at.i.run) at.fail_type();
}

}  // namespace

void add_elementary_functions(Opcodes& opcodes) {
  opcodes["rcp"] = &decode_root<Reciprocal>;
  opcodes["sqrt"] = &decode_root<SquareRoot>;
  opcodes["rsqrt"] = &decode_root<ReciprocalRoot>;
  opcodes["ex2"] = &decode_approximation<Exponential, true>;
  opcodes["lg2"] = &decode_approximation<Logarithm, false>;
  opcodes["sin"] = &decode_approximation<Sine, false>;
  opcodes["cos"] = &decode_approximation<Cosine, false>;
  opcodes["tanh"] = &decode_approximation<HyperbolicTangent, true>;
  opcodes["testp"] = &decode_testp;
}

}  // namespace software_cuda
