// Accesses to a block's shared memory that nothing orders, found in whatever order warps take turns: every warp has a
// vector clock, which barriers merge, and every two bytes know who wrote them last and who has read them since. Lanes
// of a warp are ordered by barriers alone, too, its own among them; what they do in one instruction does not race, nor
// do atomics with each other, which order nothing.
#ifndef DENSENET4J_SOFTWARE_CUDA_RACES_H
#define DENSENET4J_SOFTWARE_CUDA_RACES_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "memory.h"

namespace software_cuda {

class Races {
 public:
  Races(const Program& program, size_t warps, SharedMemory& shared);

  // Of a block that begins.
  void clear();

  // Throws KernelFault if it races with an access before. A copy is under way until it has landed: nobody may touch
  // what it writes.
  void access(const Warp& warp, int lane, uint64_t address, uint32_t bytes, Access access);
  // The warp has waited for its copy, whose destination on the host this is.
  void land(uint32_t warp, const std::byte* to, uint32_t bytes);

  // What a warp has done is before what those do that pass the barrier.
  void arrive(size_t warp, size_t barrier);
  void pass(size_t warp, Mask lanes, size_t barrier);
  // What these lanes have done is before what any of them does next.
  void order(size_t warp, Mask lanes);
  // The barrier is used again.
  void reset(size_t barrier);

 private:
  // `clock` is the warp's own at the access; 0: there was none.
  struct Write {
    uint32_t clock;
    uint32_t warp : 5, lane : 5, atomic : 1, source : 21;
  };
  // With all lanes that have read since the clock changed.
  struct Read {
    uint32_t clock, source;
    Mask lanes;
  };
  using Clocks = std::vector<uint32_t>;  // of each warp, as far as it is known to have come
  using Lanes = std::array<std::array<uint32_t, kWarpLanes>, kWarpLanes>;  // the same of a lane and each of its warp

  // The clock up to which a lane is behind what the writer did.
  uint32_t known(size_t warp, int lane, const Write& write) const {
    return write.warp == warp ? lanes_[warp][static_cast<size_t>(lane)][write.lane] : clocks_[warp][write.warp];
  }
  void check_write(const Warp& warp, int lane, size_t cell, bool atomic) const;
  void check_reads(const Warp& warp, int lane, size_t cell) const;
  void check_reads_of_lanes(const Warp& warp, int lane, size_t cell) const;
  [[noreturn]] void fail(const Warp& warp, int lane, size_t cell, const std::string& other, uint32_t source,
                         const char* why) const;

  const Program& program_;
  SharedMemory& shared_;
  std::vector<Clocks> clocks_;
  std::vector<Lanes> lanes_;
  std::array<Clocks, kBarriers> arrived_;
  // Of each cell of two bytes: the last write, the warps that have read since, and of each warp where it read last.
  std::vector<Write> writes_;
  std::vector<uint32_t> readers_;
  std::vector<std::vector<Read>> reads_;
};

}  // namespace software_cuda
#endif
