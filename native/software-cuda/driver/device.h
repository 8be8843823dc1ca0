// The one device and its measures.
#ifndef DENSENET4J_SOFTWARE_CUDA_DEVICE_H
#define DENSENET4J_SOFTWARE_CUDA_DEVICE_H

#include <cuda.h>

#include <cstdint>

namespace software_cuda {

// Throws Failure if there is no such device.
void require_device(CUdevice device);

// Bytes of shared memory of a multiprocessor: room for one block of the largest.
uint32_t multiprocessor_shared();

}  // namespace software_cuda

namespace software_cuda::device {

constexpr int kMajor = 9;
constexpr int kMinor = 0;
constexpr int kMultiprocessors = 132;
constexpr uint32_t kBlockThreads = 1024;
constexpr uint32_t kBlockX = 1024, kBlockY = 1024, kBlockZ = 64;
constexpr uint32_t kGridX = 2147483647, kGridY = 65535, kGridZ = 65535;
constexpr uint32_t kWarp = 32;
constexpr uint32_t kThreads = 2048;  // of a multiprocessor
constexpr uint32_t kBlocks = 32;     // of a multiprocessor
constexpr uint32_t kRegisters = 65536;
constexpr uint32_t kStaticShared = 48 * 1024;
constexpr uint32_t kReservedShared = 1024;  // of a block
constexpr uint32_t kSharedOptIn = 227 * 1024;  // at most, and if the settings do not say otherwise

}  // namespace software_cuda::device
#endif
