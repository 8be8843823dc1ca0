// How the lanes of a warp branch, call, end, and wait for each other.
#include "lexer.h"
#include "warp.h"

namespace software_cuda {

void Warp::control(const Instruction& i, Mask active) {
  if (!active) {
    group_pc_++;
    return;
  }
  switch (i.flow) {
    case Flow::kBranch:
      branch(active, i.target);
      break;
    case Flow::kIndexedBranch:
      branch_indexed(i, active);
      break;
    case Flow::kCall:
      call(i, active);
      break;
    case Flow::kReturn:
      leave(active);
      break;
    case Flow::kExit:
      end(active);
      break;
    case Flow::kCollective:
    case Flow::kWarpBarrier:
      wait_at_collective(i, active);
      break;
    case Flow::kBarrier:
      save_group();
      at_barrier_ |= active;
      runnable_ &= ~active;
      for_each_lane(group_ & ~active, [this](int lane) { pc_[static_cast<size_t>(lane)]++; });
      group_ = 0;
      break;
    case Flow::kPlain:
      break;
  }
}

void Warp::branch(Mask taken, uint32_t target) {
  if (taken == group_) {
    group_pc_ = target;
    return;
  }
  group_pc_++;
  save_group();
  for_each_lane(taken, [&](int lane) { pc_[static_cast<size_t>(lane)] = target; });
  group_ = 0;
}

void Warp::branch_indexed(const Instruction& i, Mask active) {
  const auto& table = program_.branch_tables[i.target];
  const uint32_t* index = registers.from<uint32_t>(i.a);
  for_each_lane(active, [&](int lane) {
    if (index[lane] >= table.size()) {
      fail(KernelFault::Kind::kUndefinedBehaviour, lane, "the index is beyond the table of branch targets");
    }
  });
  group_pc_++;
  save_group();
  for_each_lane(active, [&](int lane) { pc_[static_cast<size_t>(lane)] = table[index[lane]]; });
  group_ = 0;
}

void Warp::call(const Instruction& i, Mask active) {
  const Call& call = program_.calls[i.target];
  group_pc_++;
  save_group();
  for_each_lane(active, [&](int lane) {
    std::byte* local = memory.local(lane);
    for (const auto& copy : call.arguments) std::memcpy(local + copy.to, local + copy.from, copy.bytes);
    frames_[static_cast<size_t>(lane)].push_back({group_pc_, i.target});
    pc_[static_cast<size_t>(lane)] = call.target;
  });
  group_ = 0;
}

void Warp::leave(Mask active) {
  // All lanes of a group are equally deep.
  if (frames_[static_cast<size_t>(__builtin_ctz(active))].empty()) {
    end(active);
    return;
  }
  group_pc_++;
  save_group();
  for_each_lane(active, [&](int lane) {
    auto& frames = frames_[static_cast<size_t>(lane)];
    std::byte* local = memory.local(lane);
    for (const auto& copy : program_.calls[frames.back().call].results) {
      std::memcpy(local + copy.to, local + copy.from, copy.bytes);
    }
    pc_[static_cast<size_t>(lane)] = frames.back().return_pc;
    frames.pop_back();
  });
  group_ = 0;
}

void Warp::end(Mask active) {
  live_ &= ~active;
  runnable_ &= ~active;
  group_ &= ~active;
  group_pc_++;
}

void Warp::check_members(const Instruction& i, int lane) const {
  const Mask members = registers.from<Mask>(i.members)[lane];
  if (!(members >> lane & 1)) {
    fail(KernelFault::Kind::kUndefinedBehaviour, lane, "the lane is not in its own member mask");
  }
  if (members & ~live_) {
    fail(KernelFault::Kind::kUndefinedBehaviour, lane,
         "the member mask names lane " + std::to_string(__builtin_ctz(members & ~live_)) +
             ", which has ended or does not exist");
  }
}

void Warp::wait_at_collective(const Instruction& i, Mask active) {
  const Mask* members = registers.from<Mask>(i.members);
  bool together = active == group_;
  for_each_lane(active, [&](int lane) {
    check_members(i, lane);
    together &= members[lane] == active;
  });
  if (together) {
    if (i.run) i.run(*this, i, active);
    group_pc_++;
    return;
  }
  const uint32_t pc = group_pc_;
  save_group();
  for_each_lane(group_ & ~active, [this](int lane) { pc_[static_cast<size_t>(lane)]++; });
  at_collective_ |= active;
  runnable_ &= ~active;
  complete_collectives(i, pc);
  group_ = 0;
}

// Runs the collective for every set of lanes that is complete.
void Warp::complete_collectives(const Instruction& i, uint32_t pc) {
  Mask here = 0;
  for_each_lane(at_collective_, [&](int lane) {
    const bool same = i.flow == Flow::kWarpBarrier ? instruction_of(lane).flow == Flow::kWarpBarrier
                                                   : pc_[static_cast<size_t>(lane)] == pc;
    if (same) here |= Mask{1} << lane;
  });
  while (here) {
    const int first = __builtin_ctz(here);
    const Mask members = registers.from<Mask>(instruction_of(first).members)[first];
    bool agreed = (members & ~here) == 0;
    for_each_lane(members & here, [&](int lane) {
      agreed &= registers.from<Mask>(instruction_of(lane).members)[lane] == members;
    });
    if (agreed) {
      if (i.run) i.run(*this, i, members);
      release(members);
      here &= ~members;
    } else {
      here &= here - 1;
    }
  }
}

void Warp::release(Mask lanes) {
  at_collective_ &= ~lanes;
  at_barrier_ &= ~lanes;
  runnable_ |= lanes;
  for_each_lane(lanes, [this](int lane) { pc_[static_cast<size_t>(lane)]++; });
}

void Warp::fail_stuck() const {
  const int lane = __builtin_ctz(at_collective_);
  const Instruction& i = instruction_of(lane);
  const Mask members = registers.from<Mask>(i.members)[lane];
  Mask missing = members & ~live_;
  if (missing) {
    fail_at(i, KernelFault::Kind::kUndefinedBehaviour, lane,
            "the member mask names lane " + std::to_string(__builtin_ctz(missing)) + ", which has ended");
  }
  for_each_lane(members, [&](int other) {
    if (pc_[static_cast<size_t>(other)] != pc_[static_cast<size_t>(lane)]) missing |= Mask{1} << other;
  });
  if (!missing) {
    fail_at(i, KernelFault::Kind::kUndefinedBehaviour, lane,
            "the lanes that wait for each other have different member masks");
  }
  const int other = __builtin_ctz(missing);
  const Program::Source& source = program_.sources[instruction_of(other).source];
  fail_at(i, KernelFault::Kind::kUndefinedBehaviour, lane,
          "the member mask names lane " + std::to_string(other) + ", which waits elsewhere, at line " +
              std::to_string(source.line) + ", '" + source.text + "'");
}

}  // namespace software_cuda
