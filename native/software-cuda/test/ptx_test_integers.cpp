// Integers and bits.
#include <algorithm>
#include <bitset>
#include <cstdlib>

#include "ptx_test_lanes.h"

namespace software_cuda {

namespace {

using u16 = uint16_t;
using u32 = uint32_t;
using u64 = uint64_t;
using s16 = int16_t;
using s32 = int32_t;
using s64 = int64_t;
using Wide = unsigned __int128;

void test_sums_and_products() {
  check_instruction<u32, u32>("add.u32 %d, %a, %b;", [](u32 a, u32 b, u32) { return a + b; });
  check_instruction<u64, u64>("sub.s64 %d, %a, %b;", [](u64 a, u64 b, u64) { return a - b; });
  check_instruction<u16, u16>("add.s16 %d, %a, %b;", [](u16 a, u16 b, u16) { return static_cast<u16>(a + b); });
  check_instruction<s32, s32>("add.sat.s32 %d, %a, %b;", [](s32 a, s32 b, s32) {
    return static_cast<s32>(std::clamp<s64>(s64{a} + b, INT32_MIN, INT32_MAX));
  });
  check_instruction<u32, u32>("mul.lo.s32 %d, %a, %b;", [](u32 a, u32 b, u32) { return a * b; });
  check_instruction<u32, u32>("mul.hi.u32 %d, %a, %b;", [](u32 a, u32 b, u32) {
    return static_cast<u32>(u64{a} * b >> 32);
  });
  check_instruction<s32, s32>("mul.hi.s32 %d, %a, %b;", [](s32 a, s32 b, s32) {
    return static_cast<s32>(s64{a} * b >> 32);
  });
  check_instruction<u64, u64>("mul.hi.u64 %d, %a, %b;", [](u64 a, u64 b, u64) {
    return static_cast<u64>(Wide{a} * b >> 64);
  });
  check_instruction<s64, s32>("mul.wide.s32 %d, %a, %b;", [](s32 a, s32 b, s32) { return s64{a} * b; });
  check_instruction<u64, u32>("mul.wide.u32 %d, %a, %b;", [](u32 a, u32 b, u32) { return u64{a} * b; });
  check_instruction<s32, s16>("mul.wide.s16 %d, %a, %b;", [](s16 a, s16 b, s16) { return s32{a} * b; });
  check_instruction<u32, u32>("mad.lo.s32 %d, %a, %b, %c;", [](u32 a, u32 b, u32 c) { return a * b + c; });
  check_instruction<u64, u32, u32, u64>("mad.wide.u32 %d, %a, %b, %c;", [](u32 a, u32 b, u64 c) {
    return u64{a} * b + c;
  });
  check_instruction<u32, u32>("sad.u32 %d, %a, %b, %c;", [](u32 a, u32 b, u32 c) {
    return (a < b ? b - a : a - b) + c;
  });
  check_instruction<u32, u32>("dp4a.s32.u32 %d, %a, %b, %c;", [](u32 a, u32 b, u32 c) {
    for (int k = 0; k < 32; k += 8) c += static_cast<u32>(static_cast<int8_t>(a >> k)) * (b >> k & 255);
    return c;
  });
}

void test_quotients_and_extremes() {
  check_instruction<u32, u32>("div.u32 %d, %a, %b;", [](u32 a, u32 b, u32) { return b ? a / b : ~0u; });
  check_instruction<s32, s32>("div.s32 %d, %a, %b;", [](s32 a, s32 b, s32) {
    return b ? static_cast<s32>(s64{a} / b) : -1;
  });
  check_instruction<s64, s64>("rem.s64 %d, %a, %b;", [](s64 a, s64 b, s64) {
    return b == 0 ? a : b == -1 ? 0 : a % b;
  });
  check_instruction<u64, u64>("rem.u64 %d, %a, %b;", [](u64 a, u64 b, u64) { return b ? a % b : a; });
  check_instruction<s32, s32>("min.s32 %d, %a, %b;", [](s32 a, s32 b, s32) { return std::min(a, b); });
  check_instruction<u64, u64>("max.u64 %d, %a, %b;", [](u64 a, u64 b, u64) { return std::max(a, b); });
  check_instruction<s16, s16>("max.s16 %d, %a, %b;", [](s16 a, s16 b, s16) { return std::max(a, b); });
  check_instruction<u32, u32>("abs.s32 %d, %a;", [](u32 a, u32, u32) { return a >> 31 ? 0 - a : a; });
  check_instruction<u64, u64>("neg.s64 %d, %a;", [](u64 a, u64, u64) { return 0 - a; });
}

void test_carries() {
  const std::string split = "mov.b64 {%t, %u}, %a; .reg .b32 %e, %f; mov.b64 {%e, %f}, %b;";
  check_instruction<u64, u64>(split + "add.cc.u32 %t, %t, %e; addc.u32 %u, %u, %f; mov.b64 %d, {%t, %u};",
                              [](u64 a, u64 b, u64) { return a + b; });
  check_instruction<u64, u64>(split + "sub.cc.u32 %t, %t, %e; subc.u32 %u, %u, %f; mov.b64 %d, {%t, %u};",
                              [](u64 a, u64 b, u64) { return a - b; });
  check_instruction<u64, u64>("mad.lo.cc.u64 %w, %a, %b, %c; madc.hi.u64 %d, %a, %b, 0;",
                              [](u64 a, u64 b, u64 c) { return static_cast<u64>((Wide{a} * b + c) >> 64); });
}

void test_logic_and_shifts() {
  check_instruction<u32, u32>("and.b32 %d, %a, %b;", [](u32 a, u32 b, u32) { return a & b; });
  check_instruction<u64, u64>("xor.b64 %d, %a, %b;", [](u64 a, u64 b, u64) { return a ^ b; });
  check_instruction<u16, u16>("not.b16 %d, %a;", [](u16 a, u16, u16) { return static_cast<u16>(~a); });
  check_instruction<u32, u32>("lop3.b32 %d, %a, %b, %c, 0xca;", [](u32 a, u32 b, u32 c) { return (a & b) | (~a & c); });
  check_instruction<u32, u32>("lop3.b32 %d, %a, %b, %c, 0x96;", [](u32 a, u32 b, u32 c) { return a ^ b ^ c; });
  check_instruction<u32, u32>("shl.b32 %d, %a, %b;", [](u32 a, u32 b, u32) { return b < 32 ? a << b : 0; });
  check_instruction<u64, u64, u32>("shr.u64 %d, %a, %b;", [](u64 a, u32 b, u64) { return b < 64 ? a >> b : 0; });
  check_instruction<s32, s32, u32>("shr.s32 %d, %a, %b;", [](s32 a, u32 b, s32) { return a >> std::min(b, 31u); });
  check_instruction<u32, u32>("shf.l.wrap.b32 %d, %a, %b, %c;", [](u32 a, u32 b, u32 c) {
    return c & 31 ? b << (c & 31) | a >> (32 - (c & 31)) : b;
  });
  check_instruction<u32, u32>("shf.r.clamp.b32 %d, %a, %b, %c;", [](u32 a, u32 b, u32 c) {
    return static_cast<u32>((u64{b} << 32 | a) >> std::min(c, 32u));
  });
}

void test_bits() {
  check_instruction<u32, u64>("popc.b64 %d, %a;", [](u64 a, u64, u64) {
    return static_cast<u32>(std::bitset<64>(a).count());
  });
  check_instruction<u32, u32>("clz.b32 %d, %a;", [](u32 a, u32, u32) {
    u32 zeros = 0;
    while (zeros < 32 && !(a >> (31 - zeros))) zeros++;
    return zeros;
  });
  check_instruction<u32, s32>("bfind.s32 %d, %a;", [](s32 a, s32, s32) {
    for (int bit = 30; bit >= 0; bit--) {
      if ((a >> bit & 1) != (a < 0)) return static_cast<u32>(bit);
    }
    return ~0u;
  });
  check_instruction<u32, u32>("brev.b32 %d, %a;", [](u32 a, u32, u32) {
    u32 d = 0;
    for (int bit = 0; bit < 32; bit++) d |= (a >> bit & 1) << (31 - bit);
    return d;
  });
  check_instruction<u32, u32>("and.b32 %t, %b, 63; and.b32 %u, %c, 63; bfe.u32 %d, %a, %t, %u;",
                              [](u32 a, u32 b, u32 c) {
    u32 d = 0;
    for (u32 bit = 0; bit < (c & 63); bit++) d |= bit < 32 &&
        (b & 63) + bit < 32 ? (a >> ((b & 63) + bit) & 1) << bit : 0;
    return d;
  });
  check_instruction<s32, s32, u32, u32>("and.b32 %t, %b, 63; and.b32 %u, %c, 63; bfe.s32 %d, %a, %t, %u;",
                                        [](s32 a, u32 b, u32 c) {
    const u32 from = b & 63, length = c & 63;
    u32 d = 0;
    for (u32 bit = 0; bit < 32 && length; bit++) {
      d |= static_cast<u32>(a >> std::min({from + bit, from + length - 1, 31u}) & 1) << bit;
    }
    return static_cast<s32>(d);
  });
  check_instruction<u32, u32>("and.b32 %t, %c, 63; bfi.b32 %d, %a, %b, %t, 9;", [](u32 a, u32 b, u32 c) {
    for (u32 bit = 0; bit < 9; bit++) {
      const u32 at = (c & 63) + bit;
      if (at < 32) b = (b & ~(1u << at)) | (a >> bit & 1) << at;
    }
    return b;
  });
  check_instruction<u32, u32>("prmt.b32 %d, %a, %b, %c;", [](u32 a, u32 b, u32 c) {
    u32 d = 0;
    for (int k = 0; k < 4; k++) {
      const u32 choice = c >> 4 * k & 15;
      u32 byte = static_cast<u32>((u64{b} << 32 | a) >> (choice & 7) * 8) & 255;
      if (choice & 8) byte = byte >> 7 ? 255 : 0;
      d |= byte << 8 * k;
    }
    return d;
  });
}

void test_choices() {
  check_instruction<u32, s32>("setp.lt.s32 %p, %a, %b; selp.b32 %d, 1, 0, %p;", [](s32 a, s32 b, s32) {
    return u32{a < b};
  });
  check_instruction<u32, u32>("setp.hi.u32 %p, %a, %b; selp.b32 %d, %a, %c, %p;", [](u32 a, u32 b, u32 c) {
    return a > b ? a : c;
  });
  check_instruction<u32,
      s64>("setp.ge.s64 %p, %c, 5; setp.ne.or.s64 %p|%q, %a, %b, !%p; selp.b32 %d, 1, 0, %p; @%q add.u32 %d, %d, 2;",
                              [](s64 a, s64 b, s64 c) {
                                return (a != b || c < 5 ? 1u : 0u) + (a == b || c < 5 ? 2u : 0u);
                              });
  check_instruction<u32, u32, s32>("slct.b32.s32 %d, %a, %c, %b;", [](u32 a, s32 b, u32 c) { return b >= 0 ? a : c; });
  check_instruction<u32, u32>("set.gt.u32.u32 %d, %a, %b;", [](u32 a, u32 b, u32) { return a > b ? ~0u : 0u; });
}

}  // namespace

void test_integers() {
  test_sums_and_products();
  test_quotients_and_extremes();
  test_carries();
  test_logic_and_shifts();
  test_bits();
  test_choices();
}

}  // namespace software_cuda
