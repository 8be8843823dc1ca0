// How a warp begins, takes its turns and reports faults.
#include "warp.h"

namespace software_cuda {

namespace {

std::string text_of(Dimensions d) {
  return "(" + std::to_string(d.x) + "," + std::to_string(d.y) + "," + std::to_string(d.z) + ")";
}

Dimensions thread_of(uint32_t thread, Dimensions block) {
  return {thread % block.x, thread / block.x % block.y, thread / block.x / block.y};
}

// After so many instructions, lanes that others may wait for get a turn of a few.
constexpr uint64_t kPatience = 1 << 16, kFewSteps = 1 << 10;

uint32_t threads_in(Dimensions block) { return block.x * block.y * block.z; }

}  // namespace

Warp::Warp(const Grid& grid, uint32_t index, SharedMemory& shared, Races* races)
    : registers(grid.program),
      memory(grid, *this, shared, races),
      copies(index, races),
      races(races),
      grid_(grid),
      program_(grid.program),
      index_(index),
      random_(0) {}

void Warp::start(Dimensions block, uint64_t seed) {
  block_ = block;
  random_ = Random(seed + index_);
  registers.poison();
  memory.poison_local();
  copies.clear();
  executed = 0;
  patience_ = kPatience;
  const uint32_t threads = threads_in(grid_.launch.block) - index_ * kWarpLanes;
  live_ = runnable_ = threads >= kWarpLanes ? kAllLanes : (Mask{1} << threads) - 1;
  at_collective_ = at_barrier_ = group_ = 0;
  pc_.fill(0);
  for (auto& frames : frames_) frames.clear();
  fill_special_registers();
}

void Warp::fill_special_registers() {
  for (const auto& special : program_.specials) {
    for (uint32_t lane = 0; lane < kWarpLanes; lane++) {
      const uint32_t value = special_value(special.special, lane);
      if (special.bytes == 8) {
        registers.to<uint64_t>(special.slot)[lane] = value;
      } else if (special.bytes == 2) {
        registers.to<uint16_t>(special.slot)[lane] = static_cast<uint16_t>(value);
      } else {
        registers.to<uint32_t>(special.slot)[lane] = value;
      }
    }
  }
}

uint32_t Warp::special_value(Special special, uint32_t lane) const {
  const Dimensions thread = thread_of(index_ * kWarpLanes + lane, grid_.launch.block);
  switch (special) {
    case Special::kTidX: return thread.x;
    case Special::kTidY: return thread.y;
    case Special::kTidZ: return thread.z;
    case Special::kNtidX: return grid_.launch.block.x;
    case Special::kNtidY: return grid_.launch.block.y;
    case Special::kNtidZ: return grid_.launch.block.z;
    case Special::kCtaidX: return block_.x;
    case Special::kCtaidY: return block_.y;
    case Special::kCtaidZ: return block_.z;
    case Special::kNctaidX: return grid_.launch.grid.x;
    case Special::kNctaidY: return grid_.launch.grid.y;
    case Special::kNctaidZ: return grid_.launch.grid.z;
    case Special::kLane: return lane;
    case Special::kWarp: return index_;
    case Special::kWarps: return (threads_in(grid_.launch.block) + kWarpLanes - 1) / kWarpLanes;
    case Special::kLaneMaskEq: return Mask{1} << lane;
    case Special::kLaneMaskLt: return (Mask{1} << lane) - 1;
    case Special::kLaneMaskLe: return ((Mask{1} << lane) - 1) | Mask{1} << lane;
    case Special::kLaneMaskGe: return ~((Mask{1} << lane) - 1);
    case Special::kLaneMaskGt: return ~(((Mask{1} << lane) - 1) | Mask{1} << lane);
    case Special::kDynamicShared: return grid_.launch.dynamic_shared_bytes;
    case Special::kTotalShared: return grid_.program.shared_bytes + grid_.launch.dynamic_shared_bytes;
    case Special::kOne: return 1;
    case Special::kThirtyTwo: return kWarpLanes;
    case Special::kZero: return 0;
  }
  return 0;
}

Warp::Stop Warp::run(uint64_t turn) {
  while (runnable_) {
    if (turn == 0) return Stop::kTurnOver;
    const bool any_group = grid_.schedule.drift || patience_ == 0;
    any_group ? select_any_group() : select_group();
    const uint64_t most = grid_.schedule.drift ? 1 + random_.below(48) : any_group ? kFewSteps : turn;
    const uint64_t steps = run_group(std::min(turn, most));
    turn -= steps;
    const bool diverged = runnable_ & ~group_;
    patience_ = !diverged ? kPatience : patience_ > steps ? patience_ - steps : 0;
    group_ = 0;
  }
  if (live_ == 0) return Stop::kEnded;
  if (at_collective_) fail_stuck();
  return Stop::kAtBarrier;
}

uint64_t Warp::run_group(uint64_t most) {
  uint64_t steps = 0;
  for (; steps < most && group_; steps++) {
    if (group_pc_ >= join_pc_) {
      save_group();
      select_group();
    }
    const Instruction& i = program_.code[group_pc_];
    const Mask active = i.guard == kNoSlot ? group_ : group_ & registers.predicate(i.guard);
    executed++;
    if (i.flow != Flow::kPlain) {
      control(i, active);
      if (!group_ && !grid_.schedule.drift && runnable_) select_group();
    } else {
      if (active) i.run(*this, i, active);
      group_pc_++;
    }
  }
  save_group();
  return steps;
}

void Warp::save_group() {
  for_each_lane(group_, [this](int lane) { pc_[static_cast<size_t>(lane)] = group_pc_; });
}

Mask Warp::lanes_beside(int lane) const {
  const auto l = static_cast<size_t>(lane);
  Mask beside = 0;
  for_each_lane(runnable_, [&](int other) {
    const auto o = static_cast<size_t>(other);
    if (pc_[o] == pc_[l] && frames_[o].size() == frames_[l].size()) beside |= Mask{1} << other;
  });
  return beside;
}

// The lanes deepest in calls, among them those with the smallest program counter: others will join them.
void Warp::select_group() {
  int best = __builtin_ctz(runnable_);
  for_each_lane(runnable_, [&](int lane) {
    const auto l = static_cast<size_t>(lane), b = static_cast<size_t>(best);
    const size_t depth = frames_[l].size(), best_depth = frames_[b].size();
    if (depth > best_depth || (depth == best_depth && pc_[l] < pc_[b])) best = lane;
  });
  group_ = lanes_beside(best);
  group_pc_ = pc_[static_cast<size_t>(best)];
  join_pc_ = ~uint32_t{0};
  for_each_lane(runnable_ & ~group_, [&](int lane) {
    const auto l = static_cast<size_t>(lane);
    if (frames_[l].size() == frames_[static_cast<size_t>(best)].size()) join_pc_ = std::min(join_pc_, pc_[l]);
  });
}

// Any lanes that are at the same place; with drift, not all of them.
void Warp::select_any_group() {
  int lane = static_cast<int>(random_.below(kWarpLanes));
  while (!(runnable_ >> lane & 1)) lane = (lane + 1) % kWarpLanes;
  group_ = lanes_beside(lane);
  if (grid_.schedule.drift && random_.below(2)) group_ &= static_cast<Mask>(random_.next()) | Mask{1} << lane;
  group_pc_ = pc_[static_cast<size_t>(lane)];
  join_pc_ = ~uint32_t{0};
}

void Warp::fail(KernelFault::Kind kind, int lane, const std::string& reason) const {
  fail_at(instruction(), kind, lane, reason);
}

void Warp::fail_at(const Instruction& instruction, KernelFault::Kind kind, int lane, const std::string& reason) const {
  const Program::Source& source = program_.sources[instruction.source];
  const uint32_t thread = index_ * kWarpLanes + static_cast<uint32_t>(lane);
  throw KernelFault(kind, "kernel " + grid_.kernel + ", PTX line " + std::to_string(source.line) + ", '" +
                              source.text + "', block " + text_of(block_) + ", thread " +
                              text_of(thread_of(thread, grid_.launch.block)) + ": " + reason);
}

}  // namespace software_cuda
