// atom and red. Blocks run at the same time: all change memory with the host's compare-and-swap.
#include "half.h"
#include "lanes.h"

namespace software_cuda {

namespace {

enum class Change : uint8_t { kAdd, kMin, kMax, kInc, kDec, kAnd, kOr, kXor, kExchange, kCompareAndSwap };

template <class T>
T added(T a, T b) {
  if constexpr (std::is_same_v<T, Float16> || std::is_same_v<T, Bfloat16>) {
    return T::of(sum_to_odd(a.value(), b.value()));
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(static_cast<std::make_unsigned_t<T>>(a) + static_cast<std::make_unsigned_t<T>>(b));
  } else {
    return canonical(a + b);
  }
}

// What becomes of `old` in memory. T is an integer, float, double, or a 16-bit number.
template <class T>
T changed(Change how, T old, T b, T c) {
  if (how == Change::kAdd) return added(old, b);
  if (how == Change::kExchange) return b;
  if constexpr (std::is_integral_v<T>) {
    switch (how) {
      case Change::kMin: return std::min(old, b);
      case Change::kMax: return std::max(old, b);
      case Change::kInc: return static_cast<T>(old >= b ? 0 : old + 1);
      case Change::kDec: return static_cast<T>(old == 0 || old > b ? b : old - 1);
      case Change::kAnd: return old & b;
      case Change::kOr: return old | b;
      case Change::kXor: return old ^ b;
      case Change::kCompareAndSwap: return old == b ? c : old;
      default: break;
    }
  }
  return old;
}

// Elements of T in a word of memory, which changes as a whole.
template <class T, class Word>
Word change_word(Change how, Word old, Word b, Word c) {
  constexpr size_t kElements = sizeof(Word) / sizeof(T);
  T olds[kElements], bs[kElements], cs[kElements];
  std::memcpy(olds, &old, sizeof old);
  std::memcpy(bs, &b, sizeof b);
  std::memcpy(cs, &c, sizeof c);
  for (size_t e = 0; e < kElements; e++) olds[e] = changed(how, olds[e], bs[e], cs[e]);
  Word next;
  std::memcpy(&next, olds, sizeof next);
  return next;
}

template <class T, class Word>
Word change_memory(std::byte* at, Change how, Word b, Word c) {
  auto* word = reinterpret_cast<Word*>(at);
  Word old = __atomic_load_n(word, __ATOMIC_SEQ_CST);
  while (!__atomic_compare_exchange_n(word, &old, change_word<T>(how, old, b, c), false, __ATOMIC_SEQ_CST,
                                      __ATOMIC_SEQ_CST)) {
  }
  return old;
}

// Operands in `extra`: count of b, then count of d if there are any; c is that of cas.
template <class T, class Word>
void change(Warp& warp, const Instruction& i, Mask active) {
  const Slot* extra = &warp.grid().program.extra[i.extra];
  const auto how = static_cast<Change>(i.mode);
  for_each_lane(active, [&](int lane) {
    const uint64_t address = warp.memory.address(warp.registers, i, i.a, lane);
    std::byte* at = warp.memory.at(i.space, address, static_cast<uint32_t>(sizeof(Word) * i.count), Access::kAtomic,
                                   lane);
    for (size_t e = 0; e < i.count; e++) {
      const Word b = warp.registers.from<Word>(extra[e])[lane];
      const Word c = i.c == kNoSlot ? b : warp.registers.from<Word>(i.c)[lane];
      const Word old = change_memory<T>(at + e * sizeof(Word), how, b, c);
      if (i.value) warp.registers.to<Word>(extra[i.count + e])[lane] = old;
    }
  });
}

Run run_of(Type type, Change how) {
  const bool adds = how == Change::kAdd;
  switch (type) {
    case Type::kU32: return &change<uint32_t, uint32_t>;
    case Type::kS32: return &change<int32_t, uint32_t>;
    case Type::kU64: return &change<uint64_t, uint64_t>;
    case Type::kS64: return &change<int64_t, uint64_t>;
    case Type::kB16: return adds ? nullptr : &change<uint16_t, uint16_t>;
    case Type::kB32: return adds ? nullptr : &change<uint32_t, uint32_t>;
    case Type::kB64: return adds ? nullptr : &change<uint64_t, uint64_t>;
    case Type::kF32: return adds ? &change<float, uint32_t> : nullptr;
    case Type::kF64: return adds ? &change<double, uint64_t> : nullptr;
    case Type::kF16: return adds ? &change<Float16, uint16_t> : nullptr;
    case Type::kBf16: return adds ? &change<Bfloat16, uint16_t> : nullptr;
    case Type::kF16x2: return adds ? &change<Float16, uint32_t> : nullptr;
    case Type::kBf16x2: return adds ? &change<Bfloat16, uint32_t> : nullptr;
    default: return nullptr;
  }
}

Change take_change(Decoding& at) {
  static constexpr std::pair<std::string_view, Change> kChanges[] = {
      {"add", Change::kAdd}, {"min", Change::kMin},        {"max", Change::kMax},
      {"inc", Change::kInc}, {"dec", Change::kDec},        {"and", Change::kAnd},
      {"or", Change::kOr},   {"xor", Change::kXor},        {"exch", Change::kExchange},
      {"cas", Change::kCompareAndSwap}};
  return at.take_one_of(kChanges, "the operation is not known");
}

template <bool returns>
void decode_atomic(Decoding& at) {
  const Space space = at.space();
  if (space == Space::kConst || space == Space::kLocal || space == Space::kParam) {
    at.fail("atomics do not work in this state space");
  }
  at.ignore({"relaxed", "acquire", "release", "acq_rel"});
  at.ignore({"cta", "cluster", "gpu", "sys", "noftz"});
  const Change how = take_change(at);
  const size_t count = at.vector_size();
  const Type type = at.type();
  const size_t address_at = returns ? 1 : 0;
  at.expect_operands(address_at + (how == Change::kCompareAndSwap ? 3 : 2));
  at.address(at.operand(address_at), space);
  at.i.mode = static_cast<uint8_t>(how);
  at.i.count = static_cast<uint8_t>(count);
  at.i.value = returns;
  for (const Expression& e : at.elements(at.operand(address_at + 1), count)) at.add_extra(at.in(e, type));
  if (returns) {
    for (const Expression& e : at.elements(at.operand(0), count)) at.add_extra(at.out(e, type));
  }
  if (how == Change::kCompareAndSwap) at.i.c = at.in(address_at + 2, type);
  at.i.run = run_of(type, how);
  if (!at.i.run) at.fail_type();
}

}  // namespace

void add_atomics(Opcodes& opcodes) {
  opcodes["atom"] = &decode_atomic<true>;
  opcodes["red"] = &decode_atomic<false>;
}

}  // namespace software_cuda
