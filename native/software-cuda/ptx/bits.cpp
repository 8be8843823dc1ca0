// Single bits, fields of bits, bytes, and dot products of bytes.
#include "lanes.h"

namespace software_cuda {

namespace {

template <class T>
constexpr uint32_t width_of() {
  return 8 * sizeof(T);
}

struct PopulationCount {
  template <class T>
  uint32_t operator()(T a) const {
    return static_cast<uint32_t>(__builtin_popcountll(a));
  }
};

struct LeadingZeros {
  template <class T>
  uint32_t operator()(T a) const {
    return a ? static_cast<uint32_t>(__builtin_clzll(a)) - (64 - width_of<T>()) : width_of<T>();
  }
};

struct Reverse {
  template <class T>
  T operator()(T a) const {
    T d = 0;
    for (uint32_t bit = 0; bit < width_of<T>(); bit++) d = static_cast<T>(d << 1 | (a >> bit & 1));
    return d;
  }
};

// The highest bit that differs from the sign, or all ones; mode 1: how far it is from the top.
struct FindBit {
  explicit FindBit(const Instruction& i) : from_top(i.mode) {}

  template <class T>
  uint32_t operator()(T a) const {
    using U = std::make_unsigned_t<T>;
    const U bits = a < 0 ? static_cast<U>(~a) : static_cast<U>(a);
    if (bits == 0) return ~uint32_t{0};
    const uint32_t position = width_of<T>() - 1 - LeadingZeros()(bits);
    return from_top ? width_of<T>() - 1 - position : position;
  }
  bool from_top;
};

// Bits [position, position + length); above the register's end there is the sign of the field.
struct ExtractField {
  template <class T>
  T operator()(T a, uint32_t at, uint32_t of) const {
    const uint32_t position = at & 255, length = of & 255;
    const uint32_t last = width_of<T>() - 1;
    if (length == 0) return 0;
    const uint32_t top = std::min(position + length - 1, last);
    const bool sign = std::is_signed_v<T> && (static_cast<uint64_t>(a) >> top & 1);
    uint64_t field = position > last ? 0 : (static_cast<uint64_t>(a) & (~uint64_t{0} >> (63 - last))) >> position;
    if (length < 64) field &= (uint64_t{1} << length) - 1;
    const uint32_t present = position > last ? 0 : std::min(length, last + 1 - position);
    if (sign && present < 64) field |= ~uint64_t{0} << present;
    return static_cast<T>(field);
  }
};

template <class T>
void insert_field(Warp& warp, const Instruction& i, Mask active) {
  const Registers& registers = warp.registers;
  const T* a = registers.from<T>(i.a);
  const T* b = registers.from<T>(i.b);
  const uint32_t* at = registers.from<uint32_t>(i.c);
  const uint32_t* of = registers.from<uint32_t>(warp.grid().program.extra[i.extra]);
  T* d = warp.registers.to<T>(i.d);
  for_each_lane(active, [&](int lane) {
    const uint32_t position = at[lane] & 255, length = of[lane] & 255;
    const uint64_t ones = length >= 64 ? ~uint64_t{0} : (uint64_t{1} << length) - 1;
    const auto field = static_cast<T>(position < width_of<T>() ? ones << position : 0);
    const auto value = static_cast<T>(position < width_of<T>() ? static_cast<uint64_t>(a[lane]) << position : 0);
    d[lane] = static_cast<T>((b[lane] & ~field) | (value & field));
  });
}

enum class Permutation : uint8_t { kIndex, kF4e, kB4e, kRc8, kEcl, kEcr, kRc16 };

struct PermuteBytes {
  explicit PermuteBytes(const Instruction& i) : how(static_cast<Permutation>(i.mode)) {}

  uint32_t operator()(uint32_t a, uint32_t b, uint32_t selector) const {
    const uint64_t bytes = static_cast<uint64_t>(b) << 32 | a;
    uint32_t d = 0;
    for (uint32_t position = 0; position < 4; position++) {
      const uint32_t choice = chosen(position, selector);
      auto byte = static_cast<uint32_t>(bytes >> (choice & 7) * 8) & 255;
      if (choice & 8) byte = byte & 128 ? 255 : 0;
      d |= byte << position * 8;
    }
    return d;
  }

  uint32_t chosen(uint32_t position, uint32_t selector) const {
    const uint32_t s = selector & 3;
    switch (how) {
      case Permutation::kIndex: return selector >> position * 4 & 15;
      case Permutation::kF4e: return s + position;
      case Permutation::kB4e: return (s + 8 - position) & 7;
      case Permutation::kRc8: return s;
      case Permutation::kEcl: return std::max(position, s);
      case Permutation::kEcr: return std::min(position, s);
      case Permutation::kRc16: return (s & 1) * 2 + (position & 1);
    }
    return 0;
  }
  Permutation how;
};

// A field of `length` ones from `position`; mode 1 wraps both around 32.
struct FieldMask {
  explicit FieldMask(const Instruction& i) : wrap(i.mode) {}

  uint32_t operator()(uint32_t position, uint32_t length) const {
    if (wrap) {
      position &= 31;
      length &= 31;
    }
    if (position > 31) return 0;
    const uint32_t ones = length > 31 ? ~0u : (1u << length) - 1;
    return ones << position;
  }
  bool wrap;
};

// The low `bits` bits of a number, extended; mode 1 wraps their count around 32.
template <class T>
struct Extend {
  explicit Extend(const Instruction& i) : wrap(i.mode) {}

  T operator()(T a, uint32_t bits) const {
    if (wrap) bits &= 31;
    if (bits == 0) return 0;
    if (bits > 31) return a;
    return static_cast<T>(static_cast<T>(static_cast<uint32_t>(a) << (32 - bits)) >> (32 - bits));
  }
  bool wrap;
};

// mode: 1 and 2: a and b are signed; 4: the upper half of b's bytes.
template <uint32_t pairs>
struct DotProduct {
  explicit DotProduct(const Instruction& i) : mode(i.mode) {}

  uint32_t operator()(uint32_t a, uint32_t b, uint32_t c) const {
    constexpr uint32_t kBits = 32 / pairs;
    if (pairs == 2 && mode & 4) b >>= 16;
    for (uint32_t k = 0; k < pairs; k++) {
      c += field(a >> k * kBits, kBits, mode & 1) * field(b >> k * 8, 8, mode & 2);
    }
    return c;
  }

  static uint32_t field(uint32_t bits, uint32_t count, bool is_signed) {
    const uint32_t unused = 32 - count;
    return is_signed ? static_cast<uint32_t>(static_cast<int32_t>(bits << unused) >> unused) : bits << unused >> unused;
  }
  uint8_t mode;
};

template <class Op>
void decode_count(Decoding& at) {
  const Type type = at.type();
  at.expect_operands(2);
  at.i.d = at.out(0, Type::kU32);
  at.i.a = at.in(1, type);
  if (type == Type::kB32) at.i.run = &lanewise<Op, uint32_t, uint32_t>;
  if (type == Type::kB64) at.i.run = &lanewise<Op, uint32_t, uint64_t>;
  if (!at.i.run) at.fail_type();
}

void decode_bfind(Decoding& at) {
  at.i.mode = at.take("shiftamt");
  const Type type = at.type();
  at.expect_operands(2);
  at.i.d = at.out(0, Type::kU32);
  at.i.a = at.in(1, type);
  if (!with_integer(type, [&](auto t) { at.i.run = &lanewise<FindBit, uint32_t, decltype(t)>; })) at.fail_type();
}

void decode_brev(Decoding& at) {
  const Type type = at.type();
  take_operands(at, type, 2);
  if (!with_bits(type, [&](auto t) { at.i.run = &lanewise<Reverse, decltype(t), decltype(t)>; })) at.fail_type();
}

void decode_bfe(Decoding& at) {
  const Type type = at.type();
  at.expect_operands(4);
  at.i.d = at.out(0, type);
  at.i.a = at.in(1, type);
  at.i.b = at.in(2, Type::kU32);
  at.i.c = at.in(3, Type::kU32);
  const auto set = [&](auto t) {
    at.i.run = &lanewise<ExtractField, decltype(t), decltype(t), uint32_t, uint32_t>;
  };
  if (!with_integer(type, set)) {
    at.fail_type();
  }
}

void decode_bfi(Decoding& at) {
  const Type type = at.type();
  at.expect_operands(5);
  at.i.d = at.out(0, type);
  at.i.a = at.in(1, type);
  at.i.b = at.in(2, type);
  at.i.c = at.in(3, Type::kU32);
  at.add_extra(at.in(4, Type::kU32));
  if (!with_bits(type, [&](auto t) { at.i.run = &insert_field<decltype(t)>; })) at.fail_type();
}

void decode_prmt(Decoding& at) {
  static constexpr std::pair<std::string_view, Permutation> kModes[] = {
      {"f4e", Permutation::kF4e}, {"b4e", Permutation::kB4e}, {"rc8", Permutation::kRc8},
      {"ecl", Permutation::kEcl}, {"ecr", Permutation::kEcr}, {"rc16", Permutation::kRc16}};
  at.i.mode = static_cast<uint8_t>(at.take_one_of(kModes).value_or(Permutation::kIndex));
  const Type type = at.type();
  if (type != Type::kB32) at.fail_type();
  take_operands(at, type, 4);
  at.i.run = &lanewise<PermuteBytes, uint32_t, uint32_t, uint32_t, uint32_t>;
}

void take_wrap(Decoding& at) {
  at.i.mode = at.take("wrap");
  if (!at.i.mode && !at.take("clamp")) at.fail("one of .clamp and .wrap is missing");
}

void decode_bmsk(Decoding& at) {
  take_wrap(at);
  const Type type = at.type();
  if (type != Type::kB32) at.fail_type();
  take_operands(at, type, 3);
  at.i.run = &lanewise<FieldMask, uint32_t, uint32_t, uint32_t>;
}

void decode_szext(Decoding& at) {
  take_wrap(at);
  const Type type = at.type();
  take_operands(at, type, 3);
  if (type == Type::kU32) at.i.run = &lanewise<Extend<uint32_t>, uint32_t, uint32_t, uint32_t>;
  if (type == Type::kS32) at.i.run = &lanewise<Extend<int32_t>, int32_t, int32_t, uint32_t>;
  if (!at.i.run) at.fail_type();
}

template <uint32_t pairs>
void decode_dot_product(Decoding& at) {
  if (pairs == 2) {
    at.i.mode = at.take("hi") ? 4 : 0;
    if (!at.i.mode && !at.take("lo")) at.fail("one of .lo and .hi is missing");
  }
  const Type a = at.type(), b = at.type();
  for (const Type type : {a, b}) {
    if (type != Type::kU32 && type != Type::kS32) at.fail_type();
  }
  at.i.mode = static_cast<uint8_t>(at.i.mode | (is_signed(a) ? 1 : 0) | (is_signed(b) ? 2 : 0));
  take_operands(at, Type::kB32, 4);
  at.i.run = &lanewise<DotProduct<pairs>, uint32_t, uint32_t, uint32_t, uint32_t>;
}

}  // namespace

void add_bits(Opcodes& opcodes) {
  opcodes["popc"] = &decode_count<PopulationCount>;
  opcodes["clz"] = &decode_count<LeadingZeros>;
  opcodes["bfind"] = &decode_bfind;
  opcodes["brev"] = &decode_brev;
  opcodes["bfe"] = &decode_bfe;
  opcodes["bfi"] = &decode_bfi;
  opcodes["prmt"] = &decode_prmt;
  opcodes["bmsk"] = &decode_bmsk;
  opcodes["szext"] = &decode_szext;
  opcodes["dp4a"] = &decode_dot_product<4>;
  opcodes["dp2a"] = &decode_dot_product<2>;
}

}  // namespace software_cuda
