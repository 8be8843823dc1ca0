// The copies of cp.async that are under way. What they write is there only after their wait: until then the destination
// is poisoned.
#ifndef DENSENET4J_SOFTWARE_CUDA_ASYNC_COPIES_H
#define DENSENET4J_SOFTWARE_CUDA_ASYNC_COPIES_H

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "program.h"

namespace software_cuda {

class Races;

class AsyncCopies {
 public:
  // Of a warp; `races`, if there is one, is told when they land.
  AsyncCopies(uint32_t warp, Races* races) : warp_(warp), races_(races) {}

  void clear();
  // Copies `used` bytes and fills up to `bytes` with zeros.
  void add(int lane, std::byte* to, const std::byte* from, uint32_t bytes, uint32_t used);
  void commit(Mask lanes);
  // Delivers all groups of the lanes but their `pending` newest ones.
  void wait(Mask lanes, uint32_t pending);
  // Delivers all, also what is not committed.
  void wait_all(Mask lanes);

 private:
  struct Copy {
    int lane;
    uint32_t group;
    std::byte* to;
    const std::byte* from;
    uint32_t bytes, used;
  };

  template <class IsDone>
  void deliver(const IsDone& is_done);

  const uint32_t warp_;
  Races* const races_;
  std::vector<Copy> copies_;
  std::array<uint32_t, kWarpLanes> committed_{};
};

}  // namespace software_cuda
#endif
