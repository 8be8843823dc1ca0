// The addresses a kernel may use: device memory at virtual addresses where the host has nothing, pinned memory at the
// host's own.
#ifndef DENSENET4J_SOFTWARE_CUDA_ADDRESS_SPACE_H
#define DENSENET4J_SOFTWARE_CUDA_ADDRESS_SPACE_H

#include <cstdint>
#include <map>
#include <shared_mutex>
#include <string>
#include <vector>

#include "../ptx/device_memory.h"
#include "pages.h"

namespace software_cuda {

struct Context;

// kDevice: cuMemAlloc's; kModule: a module's variable; kPinned: cuMemHostAlloc's; kRegistered: the caller's own memory.
enum class MemoryKind { kDevice, kModule, kPinned, kRegistered };

struct Allocation {
  uint64_t address;
  uint64_t bytes;
  std::byte* host;
  MemoryKind kind;
  Context* context;
  unsigned flags;
  uint64_t serial;
  Pages pages;

  // Such as "device allocation of 1024 bytes at 0x7d0000000000".
  std::string text() const;
  // What was written around it, with its text, or empty. Mends it.
  std::string damage() const;
};

class AddressSpace : public DeviceMemory {
 public:
  AddressSpace();

  // Throw std::bad_alloc. Device addresses are aligned to 512 bytes, and given again only when all are used up.
  const Allocation& allocate(MemoryKind kind, uint64_t bytes, Context* context);
  const Allocation& pin(uint64_t bytes, unsigned flags, Context* context);
  const Allocation& enrol(void* host, uint64_t bytes, unsigned flags, Context* context);
  void release(uint64_t address);

  // The allocation that holds `address`, or null.
  const Allocation* holding(uint64_t address) const;

  // Whether the address belongs to the device, allocated or not: the host must not use it.
  bool is_device(uint64_t address) const { return address >= first_ && address - first_ < kReserved; }

  // The host address of a range that lies in one allocation, or null. From any thread, even while work runs.
  std::byte* at(uint64_t address, uint64_t bytes) const;

  bool overlaps(uint64_t address, uint64_t bytes) const;

  std::vector<const Allocation*> of(const Context* context) const;
  uint64_t total(MemoryKind kind) const;
  uint64_t count(MemoryKind kind) const;

  Block find(uint64_t address) const override;

 private:
  static constexpr uint64_t kFirst = 0x7d0000000000;
  static constexpr uint64_t kReserved = uint64_t{1} << 40;

  uint64_t place(uint64_t bytes);
  const Allocation& insert(Allocation allocation);

  uint64_t first_, next_;
  std::map<uint64_t, Allocation> allocations_;
  mutable std::shared_mutex changing_;
};

}  // namespace software_cuda
#endif
