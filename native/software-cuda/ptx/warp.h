// A warp: registers, memory and the program counters of its lanes.
#ifndef DENSENET4J_SOFTWARE_CUDA_WARP_H
#define DENSENET4J_SOFTWARE_CUDA_WARP_H

#include <array>
#include <atomic>
#include <string>
#include <vector>

#include "async_copies.h"
#include "executor.h"
#include "memory.h"
#include "random.h"
#include "registers.h"

namespace software_cuda {

// What all blocks of a launch share.
struct Grid {
  const std::string& kernel;
  const Program& program;
  const Launch& launch;
  const DeviceMemory& memory;
  const Schedule& schedule;
  uint32_t parameter_bytes;
  std::atomic<uint64_t>& executed;  // instructions of warps, as far as blocks have told
};

class Warp {
 public:
  Warp(const Grid& grid, uint32_t index, SharedMemory& shared, Races* races);

  // Of a block that begins: `random` decides where lanes drift apart.
  void start(Dimensions block, uint64_t seed);

  enum class Stop { kTurnOver, kAtBarrier, kEnded };
  // Runs at most `turn` instructions.
  Stop run(uint64_t turn);

  Mask live() const { return live_; }
  Mask at_barrier() const { return at_barrier_; }
  const Instruction& instruction_of(int lane) const { return program_.code[pc_[static_cast<size_t>(lane)]]; }
  // That is run.
  const Instruction& instruction() const { return program_.code[group_pc_]; }
  uint32_t index() const { return index_; }
  // Lets lanes that wait at a barrier, or at one collective, go on.
  void release(Mask lanes);

  [[noreturn]] void fail(KernelFault::Kind kind, int lane, const std::string& reason) const;
  [[noreturn]] void fail_at(const Instruction& instruction, KernelFault::Kind kind, int lane,
                            const std::string& reason) const;

  const Grid& grid() const { return grid_; }

  Registers registers;
  Memory memory;
  AsyncCopies copies;
  Races* const races;  // or null
  Mask carry = 0;         // the condition code of add.cc
  uint64_t executed = 0;  // instructions since the block began: the clock

 private:
  struct Frame {
    uint32_t return_pc, call;
  };

  void fill_special_registers();
  uint32_t special_value(Special special, uint32_t lane) const;

  void save_group();
  void select_group();
  void select_any_group();
  uint64_t run_group(uint64_t most);
  Mask lanes_beside(int lane) const;
  void control(const Instruction& i, Mask active);
  void branch(Mask taken, uint32_t target);
  void branch_indexed(const Instruction& i, Mask active);
  void call(const Instruction& i, Mask active);
  void leave(Mask active);
  void end(Mask active);
  void wait_at_collective(const Instruction& i, Mask active);
  void complete_collectives(const Instruction& i, uint32_t pc);
  void check_members(const Instruction& i, int lane) const;
  [[noreturn]] void fail_stuck() const;

  const Grid& grid_;
  const Program& program_;
  const uint32_t index_;
  Random random_;
  Dimensions block_{};
  std::array<uint32_t, kWarpLanes> pc_{};
  std::array<std::vector<Frame>, kWarpLanes> frames_;
  Mask live_ = 0, runnable_ = 0, at_collective_ = 0, at_barrier_ = 0;
  // Where the group runs, and where it must look for others to join or to let go first.
  Mask group_ = 0;
  uint32_t group_pc_ = 0, join_pc_ = 0;
  uint64_t patience_ = 0;  // instructions until groups that would wait longer are preferred
};

}  // namespace software_cuda
#endif
