#include "memory.h"

#include <cstring>

#include "races.h"
#include "warp.h"

namespace software_cuda {

namespace {

std::string hexadecimal(uint64_t value) {
  static constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) {
    if (!text.empty() || shift == 0 || value >> shift) text += kDigits[value >> shift & 15];
  }
  return "0x" + text;
}

}  // namespace

void SharedMemory::poison() { std::memset(words_.data(), 0xFF, words_.size() * sizeof(uint64_t)); }

Memory::Memory(const Grid& grid, const Warp& warp, SharedMemory& shared, Races* races)
    : grid_(grid),
      warp_(warp),
      shared_(shared),
      races_(races),
      short_bytes_(races ? 0 : shared.bytes()),
      local_(static_cast<size_t>(grid.program.local_bytes) * kWarpLanes),
      local_bytes_(grid.program.local_bytes) {}

void Memory::poison_local() {
  if (!local_.empty()) std::memset(local_.data(), 0xFF, local_.size());
}

uint64_t Memory::address(const Registers& registers, const Instruction& i, Slot base, int lane) const {
  if (i.wide_address) return registers.from<uint64_t>(base)[lane] + static_cast<uint64_t>(i.offset);
  return static_cast<uint32_t>(registers.from<uint32_t>(base)[lane] + static_cast<uint64_t>(i.offset));
}

Space space_of(uint64_t& address) {
  const auto within = [&address](uint64_t window) {
    if (address - window >= kWindowBytes) return false;
    address -= window;
    return true;
  };
  if (within(kSharedWindow)) return Space::kShared;
  if (within(kLocalWindow)) return Space::kLocal;
  if (within(kParamWindow)) return Space::kParam;
  return Space::kGlobal;
}

std::byte* Memory::find(Space space, uint64_t address, uint32_t bytes, Access access, int lane) {
  if (address & (bytes - 1)) {
    warp_.fail(KernelFault::Kind::kMisalignedAddress, lane,
               "address " + hexadecimal(address) + " is not aligned to the access of " + std::to_string(bytes) +
                   " bytes");
  }
  switch (space) {
    case Space::kGeneric:
      // The short way, if there is one.
      space = space_of(address);
      return at(space, address, bytes, access, lane);
    case Space::kShared: {
      std::byte* found = find_within(shared_.data(), shared_.bytes(), address, bytes, "shared memory", lane);
      if (races_) races_->access(warp_, lane, address, bytes, access);
      return found;
    }
    case Space::kLocal:
      return find_within(local(lane), local_bytes_, address, bytes, "local memory", lane);
    case Space::kParam:
      if (access > Access::kReadTogether) {
        warp_.fail(KernelFault::Kind::kIllegalAddress, lane, "a kernel's parameters cannot be written");
      }
      return find_within(const_cast<std::byte*>(grid_.launch.parameters), grid_.parameter_bytes, address, bytes,
                         "the kernel's parameters", lane);
    default:
      return find_global(address, bytes, lane);
  }
}

std::byte* Memory::find_global(uint64_t address, uint32_t bytes, int lane) {
  uint64_t window = address;
  if (space_of(window) != Space::kGlobal) {
    warp_.fail(KernelFault::Kind::kIllegalAddress, lane,
               "address " + hexadecimal(address) + " lies in another state space than global memory");
  }
  const DeviceMemory::Block block = grid_.memory.find(address);
  if (block.bytes == 0) {
    warp_.fail(KernelFault::Kind::kIllegalAddress, lane, "address " + hexadecimal(address) + " lies in no allocation");
  }
  if (address - block.address + bytes > block.bytes) {
    warp_.fail(KernelFault::Kind::kIllegalAddress, lane,
               std::to_string(bytes) + " bytes at address " + hexadecimal(address) +
                   " reach beyond the allocation of " +
                   std::to_string(block.bytes) + " bytes at " + hexadecimal(block.address));
  }
  recent_ = block;
  return block.host + (address - block.address);
}

std::byte* Memory::find_within(std::byte* begin, uint64_t size, uint64_t address, uint32_t bytes, const char* what,
                               int lane) const {
  if (address >= size || size - address < bytes) {
    warp_.fail(KernelFault::Kind::kIllegalAddress, lane,
               std::to_string(bytes) + " bytes at address " + hexadecimal(address) + " do not lie in " + what + " of " +
                   std::to_string(size) + " bytes");
  }
  return begin + address;
}

}  // namespace software_cuda
