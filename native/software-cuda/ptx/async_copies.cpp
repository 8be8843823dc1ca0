#include "async_copies.h"

#include <algorithm>
#include <cstring>

#include "races.h"
#include "registers.h"

namespace software_cuda {

void AsyncCopies::clear() {
  copies_.clear();
  committed_.fill(0);
}

void AsyncCopies::add(int lane, std::byte* to, const std::byte* from, uint32_t bytes, uint32_t used) {
  std::memset(to, 0xFF, bytes);
  copies_.push_back({lane, committed_[static_cast<size_t>(lane)], to, from, bytes, used});
}

void AsyncCopies::commit(Mask lanes) {
  for_each_lane(lanes, [this](int lane) { committed_[static_cast<size_t>(lane)]++; });
}

template <class IsDone>
void AsyncCopies::deliver(const IsDone& is_done) {
  const auto end = std::remove_if(copies_.begin(), copies_.end(), [&](const Copy& copy) {
    if (!is_done(copy)) return false;
    if (copy.used) std::memcpy(copy.to, copy.from, copy.used);
    std::memset(copy.to + copy.used, 0, copy.bytes - copy.used);
    if (races_) races_->land(warp_, copy.to, copy.bytes);
    return true;
  });
  copies_.erase(end, copies_.end());
}

void AsyncCopies::wait(Mask lanes, uint32_t pending) {
  deliver([&](const Copy& copy) {
    return (lanes >> copy.lane & 1) && copy.group + pending < committed_[static_cast<size_t>(copy.lane)];
  });
}

void AsyncCopies::wait_all(Mask lanes) {
  deliver([lanes](const Copy& copy) { return (lanes >> copy.lane & 1) != 0; });
}

}  // namespace software_cuda
