// Keeps the allocations by address.
#include "address_space.h"

#include <sys/mman.h>

#include <cinttypes>
#include <cstdio>
#include <mutex>
#include <new>

#include "registry.h"

namespace software_cuda {

namespace {

// Between two allocations lies at least that much that nobody owns.
constexpr uint64_t kGap = 4096;
constexpr uint64_t kAlignment = 512;

// The first aligned place that leaves a gap behind `end`.
uint64_t behind(uint64_t end) { return (end + kGap + kAlignment - 1) / kAlignment * kAlignment; }

const char* name(MemoryKind kind) {
  switch (kind) {
    case MemoryKind::kDevice: return "device allocation";
    case MemoryKind::kModule: return "module variable";
    case MemoryKind::kPinned: return "pinned allocation";
    case MemoryKind::kRegistered: return "registered host memory";
  }
  return "memory";
}

}  // namespace

std::string Allocation::text() const {
  char text[128];
  std::snprintf(text, sizeof text, "%s of %" PRIu64 " bytes at 0x%" PRIx64, name(kind), bytes, address);
  return text;
}

std::string Allocation::damage() const {
  const std::string where = pages.damage();
  return where.empty() ? "" : text() + ": " + where + " were written";
}

AddressSpace::AddressSpace() {
  // Reserved without access, so that nothing of the host's comes to lie there and whoever dereferences it crashes.
  void* reserved = mmap(reinterpret_cast<void*>(kFirst), kReserved, PROT_NONE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  // Pages are aligned to more than allocations are.
  first_ = reserved == MAP_FAILED ? kFirst : reinterpret_cast<uint64_t>(reserved);
  next_ = first_;
}

uint64_t AddressSpace::place(uint64_t bytes) {
  const uint64_t extent = behind(bytes);
  const uint64_t end = first_ + kReserved;
  if (extent <= end - next_) {
    const uint64_t placed = next_;
    next_ += extent;
    return placed;
  }
  // All used up once: the first gap that is wide enough.
  uint64_t gap = first_;
  for (const auto& [address, each] : allocations_) {
    if (!is_device(address)) continue;
    if (address - gap >= extent) return gap;
    gap = behind(address + each.bytes);
  }
  if (gap > end || end - gap < extent) throw std::bad_alloc();
  return gap;
}

const Allocation& AddressSpace::insert(Allocation allocation) {
  const std::unique_lock<std::shared_mutex> lock(changing_);
  const uint64_t address = allocation.address;
  return allocations_.emplace(address, std::move(allocation)).first->second;
}

const Allocation& AddressSpace::allocate(MemoryKind kind, uint64_t bytes, Context* context) {
  if (bytes > kReserved) throw std::bad_alloc();
  Pages pages(bytes);
  std::byte* host = pages.data();
  return insert({place(bytes), bytes, host, kind, context, 0, next_serial(), std::move(pages)});
}

const Allocation& AddressSpace::pin(uint64_t bytes, unsigned flags, Context* context) {
  if (bytes > kReserved) throw std::bad_alloc();
  Pages pages(bytes);
  std::byte* host = pages.data();
  return insert({reinterpret_cast<uint64_t>(host), bytes, host, MemoryKind::kPinned, context, flags, next_serial(),
                 std::move(pages)});
}

const Allocation& AddressSpace::enrol(void* host, uint64_t bytes, unsigned flags, Context* context) {
  return insert({reinterpret_cast<uint64_t>(host), bytes, static_cast<std::byte*>(host), MemoryKind::kRegistered,
                 context, flags, next_serial(), Pages()});
}

void AddressSpace::release(uint64_t address) {
  const std::unique_lock<std::shared_mutex> lock(changing_);
  allocations_.erase(address);
}

const Allocation* AddressSpace::holding(uint64_t address) const {
  auto after = allocations_.upper_bound(address);
  if (after == allocations_.begin()) return nullptr;
  const Allocation& before = std::prev(after)->second;
  return address - before.address < before.bytes ? &before : nullptr;
}

std::byte* AddressSpace::at(uint64_t address, uint64_t bytes) const {
  const std::shared_lock<std::shared_mutex> lock(changing_);
  const Allocation* found = holding(address);
  if (found == nullptr || bytes > found->bytes - (address - found->address)) return nullptr;
  return found->host + (address - found->address);
}

bool AddressSpace::overlaps(uint64_t address, uint64_t bytes) const {
  const auto after = allocations_.lower_bound(address);
  return holding(address) != nullptr || (after != allocations_.end() && after->first - address < bytes);
}

std::vector<const Allocation*> AddressSpace::of(const Context* context) const {
  std::vector<const Allocation*> result;
  for (const auto& each : allocations_) {
    if (each.second.context == context) result.push_back(&each.second);
  }
  return result;
}

uint64_t AddressSpace::total(MemoryKind kind) const {
  uint64_t bytes = 0;
  for (const auto& each : allocations_) bytes += each.second.kind == kind ? each.second.bytes : 0;
  return bytes;
}

uint64_t AddressSpace::count(MemoryKind kind) const {
  uint64_t count = 0;
  for (const auto& each : allocations_) count += each.second.kind == kind;
  return count;
}

DeviceMemory::Block AddressSpace::find(uint64_t address) const {
  const Allocation* found = holding(address);
  return found == nullptr ? Block{0, 0, nullptr} : Block{found->address, found->bytes, found->host};
}

}  // namespace software_cuda
