// The memory that a kernel may touch, as the interpreter sees it.
#ifndef DENSENET4J_SOFTWARE_CUDA_DEVICE_MEMORY_H
#define DENSENET4J_SOFTWARE_CUDA_DEVICE_MEMORY_H

#include <cstddef>
#include <cstdint>

namespace software_cuda {

class DeviceMemory {
 public:
  virtual ~DeviceMemory() = default;

  // The live allocation that holds `address`: its device address, its size and where its bytes lie on the host. Size 0
  // if there is none. Safe to call from several threads while nothing is allocated or freed.
  struct Block {
    uint64_t address;
    uint64_t bytes;
    std::byte* host;
  };
  virtual Block find(uint64_t address) const = 0;
};

}  // namespace software_cuda
#endif
