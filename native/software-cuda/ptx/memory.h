// The memory of a warp's lanes: where an address of a state space lies on the host, and whether it may be touched.
#ifndef DENSENET4J_SOFTWARE_CUDA_MEMORY_H
#define DENSENET4J_SOFTWARE_CUDA_MEMORY_H

#include <cstddef>
#include <vector>

#include "device_memory.h"
#include "program.h"

namespace software_cuda {

class Races;
class Registers;
class Warp;
struct Grid;

// Of one block; poisoned where nothing is written yet.
class SharedMemory {
 public:
  explicit SharedMemory(uint32_t bytes) : words_((bytes + 15) / 8), bytes_(bytes) {}

  void poison();
  std::byte* data() { return reinterpret_cast<std::byte*>(words_.data()); }
  uint32_t bytes() const { return bytes_; }

 private:
  std::vector<uint64_t> words_;
  uint32_t bytes_;
};

// By all lanes at once; as an asynchronous copy.
enum class Access : uint8_t { kRead, kReadTogether, kWrite, kAtomic, kCopy };

class Memory {
 public:
  // `races`, if there is one, is told of all accesses to shared memory.
  Memory(const Grid& grid, const Warp& warp, SharedMemory& shared, Races* races);

  void poison_local();

  // The address that an instruction's operand `base` plus its offset means in a lane.
  uint64_t address(const Registers& registers, const Instruction& i, Slot base, int lane) const;

  // The host's address of that many bytes, which must be aligned to their number and lie in one allocation.
  std::byte* at(Space space, uint64_t address, uint32_t bytes, Access access, int lane) {
    if (space == Space::kGlobal && (address & (bytes - 1)) == 0 && address - recent_.address < recent_.bytes &&
        address - recent_.address + bytes <= recent_.bytes) {
      return recent_.host + (address - recent_.address);
    }
    if (space == Space::kShared && (address & (bytes - 1)) == 0 && address + bytes <= short_bytes_ &&
        address < short_bytes_) {
      return shared_.data() + address;
    }
    return find(space, address, bytes, access, lane);
  }

  // The host's address of bytes of global memory that need no alignment.
  std::byte* find_global(uint64_t address, uint32_t bytes, int lane);

  std::byte* local(int lane) { return local_.data() + static_cast<size_t>(lane) * local_bytes_; }

 private:
  std::byte* find(Space space, uint64_t address, uint32_t bytes, Access access, int lane);
  std::byte* find_within(std::byte* begin, uint64_t size, uint64_t address, uint32_t bytes, const char* what,
                         int lane) const;

  const Grid& grid_;
  const Warp& warp_;
  SharedMemory& shared_;
  Races* races_;
  uint32_t short_bytes_;  // of shared memory, that nobody is told of
  std::vector<std::byte> local_;
  uint32_t local_bytes_;
  DeviceMemory::Block recent_{0, 0, nullptr};
};

// The state space that a generic address lies in; makes the address relative to that space.
Space space_of(uint64_t& address);

}  // namespace software_cuda
#endif
