// A block: its warps take turns and meet at barriers.
#ifndef DENSENET4J_SOFTWARE_CUDA_BLOCK_H
#define DENSENET4J_SOFTWARE_CUDA_BLOCK_H

#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "races.h"
#include "warp.h"

namespace software_cuda {

class Block {
 public:
  explicit Block(const Grid& grid);

  // Runs one block to its end. Throws KernelFault.
  void run(Dimensions index, uint64_t linear_index);

 private:
  struct Barrier {
    uint32_t lanes = 0;      // that have arrived
    uint32_t threads = 0;    // the same, an aligned arrival counted as a whole warp
    uint32_t expected = 0;   // threads; 0: all of the block
    std::vector<std::pair<size_t, Mask>> waiting;
  };
  enum class State : uint8_t { kReady, kWaiting, kEnded };

  size_t pick(Random& random);
  size_t place_of(size_t w) const;
  uint64_t turn(Random& random) const;
  void tell_executed(const Warp& next);
  void arrive(size_t warp);
  void arrive(size_t warp, Mask lanes);
  void complete_barriers();
  bool is_complete(const Barrier& barrier) const;
  void open(Barrier& barrier);
  void reduce(const Barrier& barrier);
  [[noreturn]] void fail_deadlock() const;

  const Grid& grid_;
  SharedMemory shared_;
  std::unique_ptr<Races> races_;  // if they are looked for
  std::vector<std::unique_ptr<Warp>> warps_;
  std::vector<State> states_;
  std::vector<Mask> registered_;  // lanes whose arrival at a barrier is counted
  std::array<Barrier, kBarriers> barriers_;
  size_t next_ = 0;
  uint64_t untold_ = 0;  // instructions that the launch has not been told of
};

}  // namespace software_cuda
#endif
