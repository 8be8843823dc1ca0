// ld, st, prefetch and fences.
#include "lanes.h"

namespace software_cuda {

namespace {

// Elements of T in memory, of R in registers, which may be wider.
template <class T, class R>
void load(Warp& warp, const Instruction& i, Mask active) {
  const Slot* elements = &warp.grid().program.extra[i.extra];
  const auto bytes = static_cast<uint32_t>(sizeof(T) * i.count);
  for_each_lane(active, [&](int lane) {
    T values[8];
    const uint64_t address = warp.memory.address(warp.registers, i, i.a, lane);
    std::memcpy(values, warp.memory.at(i.space, address, bytes, Access::kRead, lane), bytes);
    for (size_t e = 0; e < i.count; e++) warp.registers.to<R>(elements[e])[lane] = static_cast<R>(values[e]);
  });
}

template <class T, class R>
void store(Warp& warp, const Instruction& i, Mask active) {
  const Slot* elements = &warp.grid().program.extra[i.extra];
  const auto bytes = static_cast<uint32_t>(sizeof(T) * i.count);
  for_each_lane(active, [&](int lane) {
    T values[8];
    for (size_t e = 0; e < i.count; e++) values[e] = static_cast<T>(warp.registers.from<R>(elements[e])[lane]);
    const uint64_t address = warp.memory.address(warp.registers, i, i.a, lane);
    std::memcpy(warp.memory.at(i.space, address, bytes, Access::kWrite, lane), values, bytes);
  });
}

template <class T>
void choose_access(Instruction& i, bool loads, uint32_t register_bytes) {
  using Wide = std::conditional_t<std::is_signed_v<T>, int64_t, uint64_t>;
  using Word = std::conditional_t<std::is_signed_v<T>, int32_t, uint32_t>;
  using Half = std::conditional_t<std::is_signed_v<T>, int16_t, uint16_t>;
  if (register_bytes < sizeof(T)) return;
  if (register_bytes == 8) i.run = loads ? &load<T, Wide> : &store<T, Wide>;
  if constexpr (sizeof(T) <= 4) {
    if (register_bytes == 4) i.run = loads ? &load<T, Word> : &store<T, Word>;
  }
  if constexpr (sizeof(T) <= 2) {
    if (register_bytes <= 2) i.run = loads ? &load<T, Half> : &store<T, Half>;
  }
}

void choose_access(Instruction& i, bool loads, Type type, uint32_t register_bytes) {
  const bool extends = is_signed(type);
  switch (bytes_of(type)) {
    case 1:
      extends ? choose_access<int8_t>(i, loads, register_bytes) : choose_access<uint8_t>(i, loads, register_bytes);
      break;
    case 2:
      extends ? choose_access<int16_t>(i, loads, register_bytes) : choose_access<uint16_t>(i, loads, register_bytes);
      break;
    case 4:
      extends ? choose_access<int32_t>(i, loads, register_bytes) : choose_access<uint32_t>(i, loads, register_bytes);
      break;
    default:
      choose_access<uint64_t>(i, loads, register_bytes);
  }
}

// Caches do not exist here, and one thread's accesses are seen in order.
void ignore_cache_hints(Decoding& at) {
  at.ignore({"weak", "volatile", "relaxed", "acquire", "release", "mmio"});
  at.ignore({"cta", "cluster", "gpu", "sys"});
  at.ignore({"ca", "cg", "cs", "lu", "cv", "wb", "wt", "nc"});
  at.ignore({"L1::evict_normal", "L1::evict_unchanged", "L1::evict_first", "L1::evict_last", "L1::no_allocate",
             "L2::evict_normal", "L2::evict_first", "L2::evict_last"});
  at.ignore({"L2::64B", "L2::128B", "L2::256B", "unified"});
}

void decode_access(Decoding& at, bool loads) {
  const Space space = at.space();
  ignore_cache_hints(at);
  const size_t count = at.vector_size();
  const Type type = at.type();
  if (type == Type::kPred) at.fail_type();
  at.expect_operands(2);
  const auto elements = at.elements(at.operand(loads ? 0 : 1), count);
  if (!loads && space == Space::kConst) at.fail("constant memory cannot be written");
  at.address(at.operand(loads ? 1 : 0), space);
  at.i.count = static_cast<uint8_t>(count);
  Type in_register = type;
  for (const Expression& e : elements) {
    if (const auto found = at.register_type(e)) in_register = *found;
  }
  if (in_register == Type::kPred) at.fail("predicates cannot be in memory");
  for (const Expression& e : elements) at.add_extra(loads ? at.out(e, in_register) : at.in(e, in_register));
  choose_access(at.i, loads, type, register_bytes(in_register));
  if (!at.i.run) at.fail("the register is too small");
}

void decode_ld(Decoding& at) { decode_access(at, true); }
void decode_st(Decoding& at) { decode_access(at, false); }

void decode_fence(Decoding& at) {
  at.ignore({"sc", "acq_rel", "acquire", "release"});
  at.ignore({"cta", "gl", "gpu", "sys", "cluster"});
  at.expect_operands(0);
  at.i.run = &do_nothing;
}

void decode_prefetch(Decoding& at) {
  at.space();
  at.ignore({"L1", "L2", "L2::evict_last", "L2::evict_normal"});
  at.expect_operands(1);
  at.i.run = &do_nothing;
}

}  // namespace

void add_memory_accesses(Opcodes& opcodes) {
  opcodes["ld"] = &decode_ld;
  opcodes["ldu"] = &decode_ld;
  opcodes["st"] = &decode_st;
  opcodes["membar"] = &decode_fence;
  opcodes["fence"] = &decode_fence;
  opcodes["prefetch"] = &decode_prefetch;
  opcodes["prefetchu"] = &decode_prefetch;
}

}  // namespace software_cuda
