// What the lanes of a warp do together: shfl, vote, match, redux, activemask, elect.
#include "lanes.h"

namespace software_cuda {

namespace {

// One result, or a pair of it and a predicate.
void take_results(Decoding& at, Type type) {
  const Expression& results = at.operand(0);
  const bool pair = results.kind == Expression::Kind::kPair;
  at.i.d = at.out(pair ? results.elements[0] : results, type);
  if (pair) at.i.p = at.predicate_out(results.elements[1]);
}

void take_members(Decoding& at, size_t operand) {
  at.i.members = at.in(operand, Type::kB32);
  at.i.flow = Flow::kCollective;
}

enum class Shuffle : uint8_t { kUp, kDown, kButterfly, kIndex };

// The lane that a lane reads, whether that is in range or not.
int source_lane(Shuffle mode, int lane, int b, int segment) {
  switch (mode) {
    case Shuffle::kUp: return lane - b;
    case Shuffle::kDown: return lane + b;
    case Shuffle::kButterfly: return lane ^ b;
    case Shuffle::kIndex: return (lane & segment) | (b & ~segment);
  }
  return lane;
}

// c: in bits 8 to 12 which bits of a lane name its segment, in bits 0 to 4 where it is clamped.
void shuffle(Warp& warp, const Instruction& i, Mask active) {
  const auto mode = static_cast<Shuffle>(i.mode);
  uint32_t a[kWarpLanes];
  std::memcpy(a, warp.registers.from<uint32_t>(i.a), sizeof a);
  const uint32_t* b = warp.registers.from<uint32_t>(i.b);
  const uint32_t* c = warp.registers.from<uint32_t>(i.c);
  uint32_t d[kWarpLanes];
  Mask in_range = 0;
  for_each_lane(active, [&](int lane) {
    const int segment = static_cast<int>(c[lane] >> 8 & 31);
    const int clamp = static_cast<int>(c[lane] & 31);
    const int limit = (lane & segment) | (clamp & ~segment);
    const int from = source_lane(mode, lane, static_cast<int>(b[lane] & 31), segment);
    const bool valid = mode == Shuffle::kUp ? from >= limit : from <= limit;
    if (valid) in_range |= Mask{1} << lane;
    // What a lane that takes no part would give is undefined: poison.
    d[lane] = !valid ? a[lane] : active >> from & 1 ? a[from] : ~uint32_t{0};
  });
  uint32_t* to = warp.registers.to<uint32_t>(i.d);
  for_each_lane(active, [&](int lane) { to[lane] = d[lane]; });
  if (i.p != kNoSlot) warp.registers.set_predicate(i.p, in_range, active);
}

void decode_shfl(Decoding& at) {
  if (!at.take("sync")) at.fail(".sync is missing: shuffles without a member mask are gone from the language");
  static constexpr std::pair<std::string_view, Shuffle> kModes[] = {
      {"up", Shuffle::kUp}, {"down", Shuffle::kDown}, {"bfly", Shuffle::kButterfly}, {"idx", Shuffle::kIndex}};
  at.i.mode = static_cast<uint8_t>(at.take_one_of(kModes, "the mode is missing"));
  const Type type = at.type();
  if (bytes_of(type) != 4) at.fail_type();
  at.expect_operands(5);
  take_results(at, type);
  at.i.a = at.in(1, type);
  at.i.b = at.in(2, Type::kU32);
  at.i.c = at.in(3, Type::kU32);
  take_members(at, 4);
  at.i.run = &shuffle;
}

enum class Vote : uint8_t { kAll, kAny, kUniform, kBallot };

void vote(Warp& warp, const Instruction& i, Mask active) {
  const Mask set = warp.registers.predicate(i.a) & active;
  const auto mode = static_cast<Vote>(i.mode);
  if (mode == Vote::kBallot) {
    uint32_t* d = warp.registers.to<uint32_t>(i.d);
    for_each_lane(active, [&](int lane) { d[lane] = set; });
    return;
  }
  const bool all = set == active, any = set != 0;
  const bool result = mode == Vote::kAll ? all : mode == Vote::kAny ? any : all || !any;
  warp.registers.set_predicate(i.d, result ? kAllLanes : 0, active);
}

void decode_vote(Decoding& at) {
  if (!at.take("sync")) at.fail(".sync is missing: votes without a member mask are gone from the language");
  const bool ballot = at.take("ballot");
  const Vote mode = ballot ? Vote::kBallot : at.take("all") ? Vote::kAll : at.take("any") ? Vote::kAny : Vote::kUniform;
  if (mode == Vote::kUniform && !at.take("uni")) at.fail("the mode is missing");
  at.i.mode = static_cast<uint8_t>(mode);
  const Type type = at.type();
  if (type != (ballot ? Type::kB32 : Type::kPred)) at.fail_type();
  at.expect_operands(3);
  at.i.d = ballot ? at.out(0, type) : at.predicate_out(at.operand(0));
  at.i.a = at.predicate_in(1);
  take_members(at, 2);
  at.i.run = &vote;
}

// mode: 1: whether all lanes have the same value, else which lanes have a lane's own.
template <class T>
void match(Warp& warp, const Instruction& i, Mask active) {
  const T* a = warp.registers.from<T>(i.a);
  const auto same = [&](int lane) {
    Mask lanes = 0;
    for_each_lane(active, [&](int other) { lanes |= a[other] == a[lane] ? Mask{1} << other : 0; });
    return lanes;
  };
  uint32_t result[kWarpLanes];
  for_each_lane(active, [&](int lane) { result[lane] = same(lane); });
  const bool all = same(__builtin_ctz(active)) == active;
  uint32_t* d = warp.registers.to<uint32_t>(i.d);
  for_each_lane(active, [&](int lane) { d[lane] = i.mode ? (all ? active : 0) : result[lane]; });
  if (i.p != kNoSlot) warp.registers.set_predicate(i.p, all ? kAllLanes : 0, active);
}

void decode_match(Decoding& at) {
  at.i.mode = at.take("all");
  if (!at.i.mode && !at.take("any")) at.fail("one of .all and .any is missing");
  if (!at.take("sync")) at.fail(".sync is missing");
  const Type type = at.type();
  at.expect_operands(3);
  take_results(at, Type::kB32);
  at.i.a = at.in(1, type);
  take_members(at, 2);
  if (type == Type::kB32) at.i.run = &match<uint32_t>;
  if (type == Type::kB64) at.i.run = &match<uint64_t>;
  if (!at.i.run) at.fail_type();
}

enum class Reduction : uint8_t { kAdd, kMin, kMax, kAnd, kOr, kXor };

template <class T>
T reduced(Reduction how, T a, T b) {
  switch (how) {
    case Reduction::kAdd: return static_cast<T>(static_cast<uint32_t>(a) + static_cast<uint32_t>(b));
    case Reduction::kMin: return std::min(a, b);
    case Reduction::kMax: return std::max(a, b);
    case Reduction::kAnd: return a & b;
    case Reduction::kOr: return a | b;
    case Reduction::kXor: return a ^ b;
  }
  return a;
}

template <class T>
void reduce(Warp& warp, const Instruction& i, Mask active) {
  const T* a = warp.registers.from<T>(i.a);
  T result = a[__builtin_ctz(active)];
  for_each_lane(active & (active - 1), [&](int lane) {
    result = reduced(static_cast<Reduction>(i.mode), result, a[lane]);
  });
  T* d = warp.registers.to<T>(i.d);
  for_each_lane(active, [&](int lane) { d[lane] = result; });
}

void decode_redux(Decoding& at) {
  static constexpr std::pair<std::string_view, Reduction> kReductions[] = {
      {"add", Reduction::kAdd}, {"min", Reduction::kMin}, {"max", Reduction::kMax},
      {"and", Reduction::kAnd}, {"or", Reduction::kOr},   {"xor", Reduction::kXor}};
  if (!at.take("sync")) at.fail(".sync is missing");
  at.i.mode = static_cast<uint8_t>(at.take_one_of(kReductions, "the reduction is not known"));
  const Type type = at.type();
  at.expect_operands(3);
  at.i.d = at.out(0, type);
  at.i.a = at.in(1, type);
  take_members(at, 2);
  if (type == Type::kU32 || type == Type::kB32) at.i.run = &reduce<uint32_t>;
  if (type == Type::kS32) at.i.run = &reduce<int32_t>;
  if (!at.i.run) at.fail_type();
}

void active_mask(Warp& warp, const Instruction& i, Mask active) {
  uint32_t* d = warp.registers.to<uint32_t>(i.d);
  for_each_lane(active, [&](int lane) { d[lane] = active; });
}

void decode_activemask(Decoding& at) {
  const Type type = at.type();
  at.expect_operands(1);
  at.i.d = at.out(0, type);
  at.i.run = &active_mask;
}

// The lowest lane is elected.
void elect(Warp& warp, const Instruction& i, Mask active) {
  uint32_t* d = warp.registers.to<uint32_t>(i.d);
  const int leader = __builtin_ctz(active);
  for_each_lane(active, [&](int lane) { d[lane] = static_cast<uint32_t>(leader); });
  warp.registers.set_predicate(i.p, Mask{1} << leader, active);
}

void decode_elect(Decoding& at) {
  if (!at.take("sync")) at.fail(".sync is missing");
  at.expect_operands(2);
  if (at.operand(0).kind != Expression::Kind::kPair) at.fail("a register and a predicate are expected");
  take_results(at, Type::kB32);
  take_members(at, 1);
  at.i.run = &elect;
}

}  // namespace

void add_collectives(Opcodes& opcodes) {
  opcodes["shfl"] = &decode_shfl;
  opcodes["vote"] = &decode_vote;
  opcodes["match"] = &decode_match;
  opcodes["redux"] = &decode_redux;
  opcodes["activemask"] = &decode_activemask;
  opcodes["elect"] = &decode_elect;
}

}  // namespace software_cuda
