// Floating-point arithmetic and conversions.
#include <algorithm>
#include <cmath>

#include "ptx_test_lanes.h"

namespace software_cuda {

namespace {

using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;
using s32 = int32_t;
using s64 = int64_t;

float flush(float x) { return std::fpclassify(x) == FP_SUBNORMAL ? std::copysign(0.0f, x) : x; }
double clamp01(double x) { return x > 0 ? std::min(x, 1.0) : 0.0; }

void test_arithmetic() {
  check_instruction<float, float>("add.f32 %d, %a, %b;", [](float a, float b, float) { return a + b; });
  check_instruction<float, float>("sub.ftz.f32 %d, %a, %b;", [](float a, float b, float) {
    return flush(flush(a) - flush(b));
  });
  check_instruction<float, float>("mul.rn.f32 %d, %a, %b; add.f32 %d, %d, %c;", [](float a, float b, float c) {
    const float product = a * b;
    return product + c;
  });
  check_instruction<float, float>("mul.sat.f32 %d, %a, %b;", [](float a, float b, float) {
    return static_cast<float>(clamp01(a * b));
  });
  check_instruction<float, float>("fma.rn.f32 %d, %a, %b, %c;", [](float a, float b, float c) {
    return std::fma(a, b, c);
  });
  check_instruction<double, double>("fma.rn.f64 %d, %a, %b, %c;", [](double a, double b, double c) {
    return std::fma(a, b, c);
  });
  check_instruction<float, float>("div.rn.f32 %d, %a, %b;", [](float a, float b, float) { return a / b; });
  check_instruction<double, double>("div.rn.f64 %d, %a, %b;", [](double a, double b, double) { return a / b; });
  check_instruction<double, double>("sqrt.rn.f64 %d, %a;", [](double a, double, double) { return std::sqrt(a); });
  check_instruction<float, float>("rcp.rn.f32 %d, %a;", [](float a, float, float) { return 1 / a; });
  check_instruction<float, float>("neg.f32 %d, %a;", [](float a, float, float) { return -a; });
  check_instruction<double, double>("abs.f64 %d, %a;", [](double a, double, double) { return std::fabs(a); });
  check_instruction<float, float>("copysign.f32 %d, %a, %b;", [](float a, float b, float) {
    return std::copysign(b, a);
  });
}

// An exact sum or product of floats in double, between its two neighbours in float.
float toward(double exact, bool up) {
  const auto nearest = static_cast<float>(exact);
  if (std::isnan(exact) || static_cast<double>(nearest) == exact) return nearest;
  if (up) return nearest > exact ? nearest : std::nextafter(nearest, INFINITY);
  return nearest < exact ? nearest : std::nextafter(nearest, -INFINITY);
}

void test_rounding() {
  check_instruction<float, float>("mul.rp.f32 %d, %a, %b;", [](float a, float b, float) {
    return toward(static_cast<double>(a) * b, true);
  });
  check_instruction<float, float>("mul.rm.f32 %d, %a, %b;", [](float a, float b, float) {
    return toward(static_cast<double>(a) * b, false);
  });
  check_instruction<float, double>("cvt.rz.f32.f64 %d, %a;", [](double a, double, double) { return toward(a, a < 0); });
  check_instruction<float, double>("cvt.rn.f32.f64 %d, %a;", [](double a, double, double) {
    return static_cast<float>(a);
  });
}

void test_extremes() {
  const auto smaller = [](float a, float b) {
    if (a != a || b != b) return a != a ? b : a;
    return a == b ? (std::signbit(a) ? a : b) : std::min(a, b);
  };
  check_instruction<float, float>("min.f32 %d, %a, %b;", [&](float a, float b, float) { return smaller(a, b); });
  check_instruction<float, float>("max.f32 %d, %a, %b;", [&](float a, float b, float) { return -smaller(-a, -b); });
  check_instruction<float, float>("max.NaN.f32 %d, %a, %b;", [&](float a, float b, float) {
    return a != a || b != b ? NAN : -smaller(-a, -b);
  });
  check_instruction<double, double>("max.f64 %d, %a, %b;", [](double a, double b, double) {
    return a == b ? (std::signbit(a) ? b : a) : std::fmax(a, b);
  });
  check_instruction<u32, float>("setp.ltu.f32 %p, %a, %b; selp.b32 %d, 1, 0, %p;", [](float a, float b, float) {
    return u32{!(a >= b)};
  });
  check_instruction<u32, float>("setp.ne.f32 %p, %a, %b; selp.b32 %d, 1, 0, %p;",
                                [](float a, float b, float) { return u32{a < b || a > b}; });
  check_instruction<u32, double>("setp.neu.f64 %p, %a, %b; selp.b32 %d, 1, 0, %p;", [](double a, double b, double) {
    return u32{a != b};
  });
  check_instruction<u32, double>("setp.num.f64 %p, %a, %b; selp.b32 %d, 1, 0, %p;",
                                 [](double a, double b, double) { return u32{a == a && b == b}; });
  check_instruction<u32, float>("testp.subnormal.f32 %p, %a; selp.b32 %d, 1, 0, %p;",
                                [](float a, float, float) { return u32{std::fpclassify(a) == FP_SUBNORMAL}; });
}

// Within some units of the last place of a good value.
void check_approximation(const std::string& instruction, double (*exact)(double), double tolerance) {
  std::vector<float> a;
  for (int i = 1; i < 400; i++) a.push_back(0.0125f * static_cast<float>(i));
  const auto d = run_instruction<float>(instruction, a, a, a);
  for (size_t i = 0; i < a.size(); i++) {
    const double expected = exact(static_cast<double>(a[i]));
    CHECK_SAYING(std::fabs(d[i] - expected) <= tolerance * std::max(std::fabs(expected), 1e-3), instruction);
  }
}

void test_approximations() {
  check_approximation("ex2.approx.ftz.f32 %d, %a;", [](double x) { return std::exp2(x); }, 1e-6);
  check_approximation("lg2.approx.f32 %d, %a;", [](double x) { return std::log2(x); }, 1e-6);
  check_approximation("sin.approx.f32 %d, %a;", [](double x) { return std::sin(x); }, 1e-6);
  check_approximation("cos.approx.f32 %d, %a;", [](double x) { return std::cos(x); }, 1e-6);
  check_approximation("tanh.approx.f32 %d, %a;", [](double x) { return std::tanh(x); }, 1e-6);
  check_approximation("rsqrt.approx.f32 %d, %a;", [](double x) { return 1 / std::sqrt(x); }, 1e-6);
  check_approximation("rcp.approx.ftz.f32 %d, %a;", [](double x) { return 1 / x; }, 1e-6);
  check_approximation("div.full.f32 %d, %a, 0f40400000;", [](double x) { return x / 3; }, 1e-6);
}

template <class T, class F>
T limited(F x) {
  using Limits = std::numeric_limits<T>;
  if (x != x) return sizeof(F) == 8 || sizeof(T) == 8 ? static_cast<T>(uint64_t{1} << (8 * sizeof(T) - 1)) : 0;
  if (x >= std::ldexp(F{1}, Limits::digits)) return Limits::max();
  return x <= static_cast<F>(Limits::min()) ? Limits::min() : static_cast<T>(x);
}

void test_conversions() {
  check_instruction<s32, float>("cvt.rzi.s32.f32 %d, %a;", [](float a, float, float) {
    return limited<s32>(std::trunc(a));
  });
  check_instruction<u32, float>("cvt.rni.u32.f32 %d, %a;", [](float a, float, float) {
    return limited<u32>(std::nearbyint(a));
  });
  check_instruction<s64, double>("cvt.rmi.s64.f64 %d, %a;", [](double a, double, double) {
    return limited<s64>(std::floor(a));
  });
  check_instruction<s32, double>("cvt.rpi.s32.f64 %d, %a;", [](double a, double, double) {
    return limited<s32>(std::ceil(a));
  });
  check_instruction<u64, float>("cvt.rzi.u64.f32 %d, %a;", [](float a, float, float) {
    return limited<u64>(std::trunc(a));
  });
  check_instruction<float, float>("cvt.rni.f32.f32 %d, %a;", [](float a, float, float) { return std::nearbyint(a); });
  check_instruction<float, s32>("cvt.rn.f32.s32 %d, %a;", [](s32 a, s32, s32) { return static_cast<float>(a); });
  check_instruction<float, u64>("cvt.rn.f32.u64 %d, %a;", [](u64 a, u64, u64) { return static_cast<float>(a); });
  check_instruction<double, s64>("cvt.rn.f64.s64 %d, %a;", [](s64 a, s64, s64) { return static_cast<double>(a); });
  check_instruction<double, float>("cvt.f64.f32 %d, %a;", [](float a, float, float) { return static_cast<double>(a); });
  check_instruction<s64, s32>("cvt.s64.s32 %d, %a;", [](s32 a, s32, s32) { return s64{a}; });
  check_instruction<u32, u64>("cvt.u32.u64 %d, %a;", [](u64 a, u64, u64) { return static_cast<u32>(a); });
  check_instruction<s32, u32>("cvt.s32.s8 %d, %a;", [](u32 a, u32, u32) { return s32{static_cast<int8_t>(a)}; });
  check_instruction<s32, s64>("cvt.sat.s32.s64 %d, %a;", [](s64 a, s64, s64) {
    return static_cast<s32>(std::clamp<s64>(a, INT32_MIN, INT32_MAX));
  });
  check_instruction<u16, s32>("cvt.sat.u8.s32 %d, %a;", [](s32 a, s32, s32) {
    return static_cast<u16>(std::clamp(a, 0, 255));
  });
}

// Rounds to nearest even by adding to the bits.
u16 bfloat_bits(float x) {
  u32 bits;
  std::memcpy(&bits, &x, sizeof bits);
  if (x != x) return 0x7fff;
  return static_cast<u16>((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

float number_of_bfloat(u16 bits) {
  const u32 wide = static_cast<u32>(bits) << 16;
  float x;
  std::memcpy(&x, &wide, sizeof x);
  return x;
}

u16 half_bits(float x) {
  if (x != x) return 0x7fff;
  const auto half = static_cast<_Float16>(x);
  u16 bits;
  std::memcpy(&bits, &half, sizeof bits);
  return bits;
}

float number_of_half(u16 bits) {
  _Float16 half;
  std::memcpy(&half, &bits, sizeof half);
  return static_cast<float>(half);
}

// A number with 8 significant bits, rounded once.
double to_8_bits(double x) {
  if (x == 0 || !std::isfinite(x)) return x;
  const int exponent = std::ilogb(x) - 7;
  return std::ldexp(std::nearbyint(std::ldexp(x, -exponent)), exponent);
}

void test_short_conversions() {
  check_instruction<u16, float>("cvt.rn.bf16.f32 %d, %a;", [](float a, float, float) { return bfloat_bits(a); });
  check_instruction<u16, float>("cvt.rn.f16.f32 %d, %a;", [](float a, float, float) { return half_bits(a); });
  check_instruction<float, u16>("cvt.f32.f16 %d, %a;", [](u16 a, u16, u16) { return number_of_half(a); });
  check_instruction<float, u16>("cvt.f32.bf16 %d, %a;", [](u16 a, u16, u16) { return number_of_bfloat(a); });
  check_instruction<u32, float>("cvt.rn.bf16x2.f32 %d, %a, %b;", [](float a, float b, float) {
    return static_cast<u32>(bfloat_bits(a)) << 16 | bfloat_bits(b);
  });
  check_instruction<u16, float>("cvt.rz.bf16.f32 %d, %a;", [](float a, float, float) {
    u32 bits;
    std::memcpy(&bits, &a, sizeof bits);
    return a != a ? u16{0x7fff} : static_cast<u16>(bits >> 16);
  });
  check_instruction<u32, float>("cvt.rna.tf32.f32 %d, %a;", [](float a, float, float) {
    u32 bits;
    std::memcpy(&bits, &a, sizeof bits);
    return a != a ? 0x7fffffffu : std::isinf(a) ? bits : (bits + 0x1000) & 0xffffe000u;
  });
}

void test_short_arithmetic() {
  check_instruction<u16, u16>("add.f16 %d, %a, %b;",
                              [](u16 a, u16 b, u16) { return half_bits(number_of_half(a) + number_of_half(b)); });
  check_instruction<u16, u16>("mul.bf16 %d, %a, %b;",
                              [](u16 a, u16 b, u16) { return bfloat_bits(number_of_bfloat(a) * number_of_bfloat(b)); });
  check_instruction<u32, u32>("mul.rn.f16x2 %d, %a, %b;", [](u32 a, u32 b, u32) {
    const auto product = [&](int shift) {
      return half_bits(number_of_half(static_cast<u16>(a >> shift)) * number_of_half(static_cast<u16>(b >> shift)));
    };
    return static_cast<u32>(product(16)) << 16 | product(0);
  });
  check_instruction<u32, u16>("setp.lt.bf16 %p, %a, %b; selp.b32 %d, 1, 0, %p;",
                              [](u16 a, u16 b, u16) { return u32{number_of_bfloat(a) < number_of_bfloat(b)}; });
  // Numbers near each other, whose product and sum are exact in double.
  std::vector<u32> a, b, c;
  std::mt19937 generator(6);
  const auto pair = [&] {
    const auto one = [&] { return (generator() & 0x80ff) | (0x3c00 + ((generator() & 7) << 7)); };
    return static_cast<u32>(one() << 16 | one());
  };
  for (int i = 0; i < 4000; i++) {
    a.push_back(pair());
    b.push_back(pair());
    c.push_back(pair());
  }
  const auto d = run_instruction<u32>("fma.rn.relu.bf16x2 %d, %a, %b, %c;", a, b, c);
  for (size_t i = 0; i < d.size(); i++) {
    for (int shift = 0; shift < 32; shift += 16) {
      const auto number = [shift](u32 bits) {
        return static_cast<double>(number_of_bfloat(static_cast<u16>(bits >> shift)));
      };
      CHECK(number(d[i]) == std::max(0.0, to_8_bits(number(a[i]) * number(b[i]) + number(c[i]))));
    }
  }
}

}  // namespace

void test_floats() {
  test_arithmetic();
  test_rounding();
  test_extremes();
  test_approximations();
  test_conversions();
  test_short_conversions();
  test_short_arithmetic();
}

}  // namespace software_cuda
