// Runs the blocks of a launch on the host's threads.
#include "executor.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <numeric>
#include <thread>

#include "block.h"
#include "module.h"

namespace software_cuda {

namespace {

// A permutation of [0, count).
class BlockOrder {
 public:
  BlockOrder(const Schedule& schedule, uint64_t count) : order_(schedule.order), count_(count) {
    if (order_ != Order::kRandom) return;
    Random random(schedule.seed);
    offset_ = random.below(count);
    for (step_ = 1 + random.below(count); std::gcd(step_, count) != 1;) step_ = step_ % count + 1;
  }

  uint64_t at(uint64_t place) const {
    if (order_ == Order::kForward) return place;
    if (order_ == Order::kReverse) return count_ - 1 - place;
    return static_cast<uint64_t>((static_cast<unsigned __int128>(place) * step_ + offset_) % count_);
  }

 private:
  Order order_;
  uint64_t count_, offset_ = 0, step_ = 1;
};

class Execution {
 public:
  explicit Execution(const Grid& grid)
      : grid_(grid), blocks_(uint64_t{grid.launch.grid.x} * grid.launch.grid.y * grid.launch.grid.z) {}

  void run() {
    const BlockOrder order(grid_.schedule, blocks_);
    const uint64_t wanted = std::min<uint64_t>(std::max(1u, grid_.launch.host_threads), blocks_);
    std::vector<std::thread> threads;
    for (uint64_t t = 1; t < wanted; t++) threads.emplace_back([&] { work(order); });
    work(order);
    for (auto& thread : threads) thread.join();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  void work(const BlockOrder& order) {
    try {
      Block block(grid_);
      for (uint64_t place = next_++; place < blocks_ && !failed_; place = next_++) {
        const uint64_t b = order.at(place);
        const Dimensions& grid = grid_.launch.grid;
        block.run({static_cast<uint32_t>(b % grid.x), static_cast<uint32_t>(b / grid.x % grid.y),
                   static_cast<uint32_t>(b / grid.x / grid.y)},
                  b);
      }
    } catch (...) {
      const std::lock_guard<std::mutex> lock(mutex_);
      if (!failed_.exchange(true)) failure_ = std::current_exception();
    }
  }

  const Grid& grid_;
  const uint64_t blocks_;
  std::atomic<uint64_t> next_{0};
  std::atomic<bool> failed_{false};
  std::mutex mutex_;
  std::exception_ptr failure_;
};

}  // namespace

void execute(const Kernel& kernel, const Launch& launch, const DeviceMemory& memory, const Schedule& schedule) {
  const auto& decoded = static_cast<const DecodedKernel&>(kernel);
  if (!launch.grid.x || !launch.grid.y || !launch.grid.z || !launch.block.x || !launch.block.y || !launch.block.z) {
    throw std::invalid_argument("kernel " + kernel.name() +
                                ": a grid or block of no threads; make all dimensions positive");
  }
  std::atomic<uint64_t> executed{0};
  Execution({kernel.name(), decoded.program(), launch, memory, schedule, kernel.parameter_bytes(), executed}).run();
}

}  // namespace software_cuda
