// mov, cvta, isspacep, selp, slct, and the clocks.
#include "lanes.h"

namespace software_cuda {

namespace {

struct Same {
  template <class T>
  T operator()(T a) const {
    return a;
  }
};

void move_predicate(Warp& warp, const Instruction& i, Mask active) {
  warp.registers.set_predicate(i.d, warp.registers.predicate(i.a), active);
}

// The elements of a vector are in `extra`, count of them, T each.
template <class T>
void pack(Warp& warp, const Instruction& i, Mask active) {
  const size_t bytes = sizeof(T) * i.count;
  std::byte* d = warp.registers.to<std::byte>(i.d);
  for (size_t e = 0; e < i.count; e++) {
    const T* element = warp.registers.from<T>(warp.grid().program.extra[i.extra + e]);
    for_each_lane(active, [&](int lane) {
      std::memcpy(d + static_cast<size_t>(lane) * bytes + e * sizeof(T), element + lane, sizeof(T));
    });
  }
}

template <class T>
void unpack(Warp& warp, const Instruction& i, Mask active) {
  const size_t bytes = sizeof(T) * i.count;
  // A copy, as an element may be the packed register itself.
  std::byte from[kWarpLanes * sizeof(uint64_t)];
  std::memcpy(from, warp.registers.from<std::byte>(i.a), kWarpLanes * bytes);
  for (size_t e = 0; e < i.count; e++) {
    T* element = warp.registers.to<T>(warp.grid().program.extra[i.extra + e]);
    for_each_lane(active, [&](int lane) {
      std::memcpy(element + lane, from + static_cast<size_t>(lane) * bytes + e * sizeof(T), sizeof(T));
    });
  }
}

template <class T>
void read_clock(Warp& warp, const Instruction& i, Mask active) {
  T* d = warp.registers.to<T>(i.d);
  for_each_lane(active, [&](int lane) { d[lane] = static_cast<T>(warp.executed >> i.value); });
}

bool is_vector(const Expression& e) { return e.kind == Expression::Kind::kVector; }

// Between a vector of `count` parts and a register of the whole size.
void decode_vector_move(Decoding& at, Type type) {
  const bool packs = is_vector(at.operand(1));
  const auto& elements = at.operand(packs ? 1 : 0).elements;
  at.i.count = static_cast<uint8_t>(elements.size());
  const size_t part = elements.empty() ? 0 : bytes_of(type) / elements.size();
  const Type part_type = part == 2 ? Type::kB16 : Type::kB32;
  if ((part != 2 && part != 4) || part * elements.size() != bytes_of(type)) {
    at.fail("vectors of this form are not known");
  }
  for (const Expression& e : elements) at.add_extra(packs ? at.in(e, part_type) : at.out(e, part_type));
  if (packs) {
    at.i.d = at.out(0, type);
    at.i.run = part == 2 ? &pack<uint16_t> : &pack<uint32_t>;
  } else {
    at.i.a = at.in(1, type);
    at.i.run = part == 2 ? &unpack<uint16_t> : &unpack<uint32_t>;
  }
}

bool decode_clock(Decoding& at, Type type) {
  const std::string_view name = at.operand(1).name;
  const bool low = name == "%clock" || name == "%clock64" || name == "%globaltimer" || name == "%globaltimer_lo";
  if (!low && name != "%clock_hi" && name != "%globaltimer_hi") return false;
  at.i.value = low ? 0 : 32;
  at.i.d = at.out(0, type);
  at.i.run = bytes_of(type) == 8 ? &read_clock<uint64_t> : &read_clock<uint32_t>;
  return true;
}

void decode_mov(Decoding& at) {
  const Type type = at.type();
  at.expect_operands(2);
  if (type == Type::kPred) {
    at.i.d = at.predicate_out(at.operand(0));
    at.i.a = at.predicate_in(1);
    at.i.run = &move_predicate;
  } else if (is_vector(at.operand(0)) || is_vector(at.operand(1))) {
    decode_vector_move(at, type);
  } else if (!decode_clock(at, type)) {
    take_operands(at, type, 2);
    if (!with_bits(type, [&](auto t) { at.i.run = &lanewise<Same, decltype(t), decltype(t)>; })) at.fail_type();
  }
}

struct AddWindow {
  explicit AddWindow(const Instruction& i) : window(i.value) {}
  template <class T>
  T operator()(T a) const {
    return static_cast<T>(a + window);
  }
  uint64_t window;
};

uint64_t window_of(Space space) {
  if (space == Space::kShared) return kSharedWindow;
  if (space == Space::kLocal) return kLocalWindow;
  return space == Space::kParam ? kParamWindow : 0;
}

void decode_cvta(Decoding& at) {
  const bool to = at.take("to");
  const Space space = at.space();
  if (space == Space::kGeneric) at.fail("a state space is missing");
  const Type type = at.type();
  if (bytes_of(type) != 8) at.fail("only 64-bit addresses are supported");
  take_operands(at, type, 2);
  at.i.value = to ? ~window_of(space) + 1 : window_of(space);
  at.i.run = &lanewise<AddWindow, uint64_t, uint64_t>;
}

void is_in_space(Warp& warp, const Instruction& i, Mask active) {
  Mask result = 0;
  const uint64_t* addresses = warp.registers.from<uint64_t>(i.a);
  for_each_lane(active, [&](int lane) {
    uint64_t address = addresses[lane];
    if (space_of(address) == i.space) result |= Mask{1} << lane;
  });
  warp.registers.set_predicate(i.d, result, active);
}

void decode_isspacep(Decoding& at) {
  at.expect_operands(2);
  at.i.space = at.space();
  if (at.i.space == Space::kGeneric || at.i.space == Space::kConst) at.fail("this state space is not supported");
  at.i.d = at.predicate_out(at.operand(0));
  at.i.a = at.in(1, Type::kB64);
  at.i.run = &is_in_space;
}

template <class T>
void select(Warp& warp, const Instruction& i, Mask active) {
  const Mask chosen = warp.registers.predicate(i.c);
  const T* a = warp.registers.from<T>(i.a);
  const T* b = warp.registers.from<T>(i.b);
  T* d = warp.registers.to<T>(i.d);
  if (active == kAllLanes) {
#pragma GCC ivdep
    for (int lane = 0; lane < kWarpLanes; lane++) d[lane] = chosen >> lane & 1 ? a[lane] : b[lane];
  } else {
    for_each_lane(active, [&](int lane) { d[lane] = chosen >> lane & 1 ? a[lane] : b[lane]; });
  }
}

void decode_selp(Decoding& at) {
  const Type type = at.type();
  at.expect_operands(4);
  at.i.d = at.out(0, type);
  at.i.a = at.in(1, type);
  at.i.b = at.in(2, type);
  at.i.c = at.predicate_in(3);
  if (!with_bits(type, [&](auto t) { at.i.run = &select<decltype(t)>; })) at.fail_type();
}

struct SelectBySign {
  template <class T, class C>
  T operator()(T a, T b, C c) const {
    return c >= 0 ? a : b;
  }
};

void decode_slct(Decoding& at) {
  at.take("ftz");
  const Type type = at.type();
  const Type by = at.type();
  at.expect_operands(4);
  at.i.d = at.out(0, type);
  at.i.a = at.in(1, type);
  at.i.b = at.in(2, type);
  at.i.c = at.in(3, by);
  const bool known = with_bits(type, [&](auto t) {
    using T = decltype(t);
    if (by == Type::kS32) at.i.run = &lanewise<SelectBySign, T, T, T, int32_t>;
    if (by == Type::kF32) at.i.run = &lanewise<SelectBySign, T, T, T, float>;
  });
  if (!known || !at.i.run) at.fail_type();
}

}  // namespace

void add_moves(Opcodes& opcodes) {
  opcodes["mov"] = &decode_mov;
  opcodes["cvta"] = &decode_cvta;
  opcodes["isspacep"] = &decode_isspacep;
  opcodes["selp"] = &decode_selp;
  opcodes["slct"] = &decode_slct;
}

}  // namespace software_cuda
