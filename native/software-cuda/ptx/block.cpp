#include "block.h"

#include <algorithm>

namespace software_cuda {

namespace {

constexpr uint64_t kTurn = 1 << 16;
constexpr size_t kNone = ~size_t{0};

uint32_t count(Mask lanes) { return static_cast<uint32_t>(__builtin_popcount(lanes)); }

}  // namespace

Block::Block(const Grid& grid)
    : grid_(grid), shared_(grid.program.shared_bytes + grid.launch.dynamic_shared_bytes) {
  const Dimensions& block = grid.launch.block;
  const size_t warps = (static_cast<size_t>(block.x) * block.y * block.z + kWarpLanes - 1) / kWarpLanes;
  if (grid.schedule.races) races_ = std::make_unique<Races>(grid.program, warps, shared_);
  for (size_t w = 0; w < warps; w++) {
    warps_.push_back(std::make_unique<Warp>(grid, static_cast<uint32_t>(w), shared_, races_.get()));
  }
  states_.resize(warps);
  registered_.resize(warps);
}

void Block::run(Dimensions index, uint64_t linear_index) {
  Random random(grid_.schedule.seed * 0x9E3779B97F4A7C15u + linear_index);
  shared_.poison();
  if (races_) races_->clear();
  barriers_.fill({});
  const uint64_t seed = random.next();
  for (auto& warp : warps_) warp->start(index, seed);
  std::fill(states_.begin(), states_.end(), State::kReady);
  std::fill(registered_.begin(), registered_.end(), 0);
  next_ = 0;
  for (size_t w = pick(random); w != kNone; w = pick(random)) {
    if (untold_ >= kTurn) tell_executed(*warps_[w]);
    const uint64_t before = warps_[w]->executed;
    const Warp::Stop stop = warps_[w]->run(turn(random));
    untold_ += warps_[w]->executed - before;
    next_ = stop == Warp::Stop::kTurnOver ? place_of(w) + 1 : 0;
    if (stop == Warp::Stop::kTurnOver) continue;
    states_[w] = stop == Warp::Stop::kEnded ? State::kEnded : State::kWaiting;
    if (stop == Warp::Stop::kAtBarrier) arrive(w);
    complete_barriers();
  }
  if (std::count(states_.begin(), states_.end(), State::kWaiting)) fail_deadlock();
}

size_t Block::pick(Random& random) {
  const size_t warps = warps_.size();
  const bool is_random = grid_.schedule.order == Order::kRandom;
  const size_t first = is_random ? static_cast<size_t>(random.below(warps)) : next_;
  for (size_t step = 0; step < warps; step++) {
    const size_t w = place_of((first + step) % warps);
    if (states_[w] == State::kReady) return w;
  }
  return kNone;
}

// A warp's place in the order of turns, and the warp at a place.
size_t Block::place_of(size_t w) const { return grid_.schedule.order == Order::kReverse ? warps_.size() - 1 - w : w; }

uint64_t Block::turn(Random& random) const {
  return grid_.schedule.order == Order::kRandom ? 1 + random.below(200) : kTurn;
}

// Ends a launch that takes too long, at the warp that would go on.
void Block::tell_executed(const Warp& next) {
  const uint64_t executed = grid_.executed += untold_;
  untold_ = 0;
  const uint64_t most = grid_.launch.most_instructions;
  if (executed <= most) return;
  const int lane = __builtin_ctz(next.live() & ~next.at_barrier());
  next.fail_at(next.instruction_of(lane), KernelFault::Kind::kTimeout, lane,
               "the launch does not end within " + std::to_string(most) +
                   " instructions: if it only takes long, raise the setting instructions");
}

void Block::arrive(size_t w) {
  const Warp& warp = *warps_[w];
  Mask lanes = warp.at_barrier() & ~registered_[w];
  for_each_lane(lanes, [&](int lane) {
    const Instruction& i = warp.instruction_of(lane);
    if (!i.aligned) return;
    for_each_lane(warp.live(), [&](int other) {
      if (&warp.instruction_of(other) == &i) return;
      warp.fail_at(i, KernelFault::Kind::kBarrier, lane,
                   "lane " + std::to_string(other) + " of the same warp does not reach this barrier");
    });
  });
  while (lanes) {
    const Instruction& i = warp.instruction_of(__builtin_ctz(lanes));
    Mask same = 0;
    for_each_lane(lanes, [&](int lane) { same |= &warp.instruction_of(lane) == &i ? Mask{1} << lane : 0; });
    arrive(w, same);
    lanes &= ~same;
  }
}

void Block::arrive(size_t w, Mask lanes) {
  Warp& warp = *warps_[w];
  const int first = __builtin_ctz(lanes);
  const Instruction& i = warp.instruction_of(first);
  const uint32_t id = warp.registers.from<uint32_t>(i.a)[first];
  if (id >= barriers_.size()) {
    warp.fail_at(i, KernelFault::Kind::kBarrier, first, "there are only 16 barriers");
  }
  Barrier& barrier = barriers_[id];
  const uint32_t expected = i.b == kNoSlot ? 0 : warp.registers.from<uint32_t>(i.b)[first];
  if (barrier.lanes && barrier.expected != expected) {
    warp.fail_at(i, KernelFault::Kind::kBarrier, first,
                 "others wait at the same barrier for another number of threads");
  }
  if (races_) races_->arrive(w, id);
  barrier.expected = expected;
  barrier.lanes += count(lanes);
  barrier.threads += i.aligned ? kWarpLanes : count(lanes);
  if (i.barrier == BarrierKind::kArrive) {
    warp.release(lanes);
    states_[w] = State::kReady;
  } else {
    barrier.waiting.emplace_back(w, lanes);
    registered_[w] |= lanes;
  }
}

void Block::complete_barriers() {
  for (Barrier& barrier : barriers_) {
    if (barrier.lanes && is_complete(barrier)) open(barrier);
  }
}

bool Block::is_complete(const Barrier& barrier) const {
  if (barrier.expected) return barrier.threads >= barrier.expected;
  uint32_t live = 0;
  for (const auto& warp : warps_) live += count(warp->live());
  return barrier.lanes == live;
}

void Block::open(Barrier& barrier) {
  reduce(barrier);
  const auto id = static_cast<size_t>(&barrier - barriers_.data());
  for (const auto& [w, lanes] : barrier.waiting) {
    if (races_) races_->pass(w, lanes, id);
    warps_[w]->release(lanes);
    registered_[w] &= ~lanes;
    states_[w] = State::kReady;
  }
  if (races_) races_->reset(id);
  barrier = {};
}

void Block::reduce(const Barrier& barrier) {
  uint32_t all = 0, set = 0;
  const auto predicate_of = [this](size_t w, Mask lanes) {
    const Instruction& i = warps_[w]->instruction_of(__builtin_ctz(lanes));
    return i.barrier > BarrierKind::kArrive ? warps_[w]->registers.predicate(i.c) & lanes : 0;
  };
  for (const auto& [w, lanes] : barrier.waiting) {
    all += count(lanes);
    set += count(predicate_of(w, lanes));
  }
  for (const auto& [w, lanes] : barrier.waiting) {
    Registers& registers = warps_[w]->registers;
    const Instruction& i = warps_[w]->instruction_of(__builtin_ctz(lanes));
    if (i.barrier == BarrierKind::kAnd) registers.set_predicate(i.d, set == all ? kAllLanes : 0, lanes);
    if (i.barrier == BarrierKind::kOr) registers.set_predicate(i.d, set ? kAllLanes : 0, lanes);
    if (i.barrier != BarrierKind::kPopc) continue;
    for_each_lane(lanes, [&](int lane) { registers.to<uint32_t>(i.d)[lane] = set; });
  }
}

void Block::fail_deadlock() const {
  const auto waiting = std::find(states_.begin(), states_.end(), State::kWaiting);
  const Warp& warp = *warps_[static_cast<size_t>(waiting - states_.begin())];
  const int lane = __builtin_ctz(warp.at_barrier());
  warp.fail_at(warp.instruction_of(lane), KernelFault::Kind::kBarrier, lane,
               "the block cannot go on: not all threads that this barrier waits for reach it");
}

}  // namespace software_cuda
