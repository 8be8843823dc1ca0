// The one device.
#include "device.h"

#include <algorithm>
#include <cstring>

#include "driver.h"

namespace software_cuda {

void require_device(CUdevice device) {
  require(device >= 0 && device < driver().settings.devices, CUDA_ERROR_INVALID_DEVICE);
}

uint32_t multiprocessor_shared() { return driver().settings.block_shared + device::kReservedShared; }

}  // namespace software_cuda

using namespace software_cuda;

namespace {

constexpr const char* kName = "densenet4j software CUDA device";

struct Attribute {
  CUdevice_attribute which;
  int value;
};

// Features that are not listed are those that the device has not, which is 0.
constexpr Attribute kAttributes[] = {
    {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK, device::kBlockThreads},
    {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X, device::kBlockX},
    {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y, device::kBlockY},
    {CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z, device::kBlockZ},
    {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X, device::kGridX},
    {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y, device::kGridY},
    {CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z, device::kGridZ},
    {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK, device::kStaticShared},
    {CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY, 65536},
    {CU_DEVICE_ATTRIBUTE_WARP_SIZE, device::kWarp},
    {CU_DEVICE_ATTRIBUTE_MAX_PITCH, 2147483647},
    {CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK, device::kRegisters},
    {CU_DEVICE_ATTRIBUTE_CLOCK_RATE, 1000000},
    {CU_DEVICE_ATTRIBUTE_TEXTURE_ALIGNMENT, 512},
    {CU_DEVICE_ATTRIBUTE_GPU_OVERLAP, 1},
    {CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, device::kMultiprocessors},
    {CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY, 1},
    {CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS, 1},
    {CU_DEVICE_ATTRIBUTE_PCI_BUS_ID, 1},
    {CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE, 1000000},
    {CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH, 4096},
    {CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE, 50 << 20},
    {CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR, device::kThreads},
    {CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT, 2},
    {CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING, 1},
    {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device::kMajor},
    {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device::kMinor},
    {CU_DEVICE_ATTRIBUTE_STREAM_PRIORITIES_SUPPORTED, 1},
    {CU_DEVICE_ATTRIBUTE_GLOBAL_L1_CACHE_SUPPORTED, 1},
    {CU_DEVICE_ATTRIBUTE_LOCAL_L1_CACHE_SUPPORTED, 1},
    {CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR, device::kRegisters},
    {CU_DEVICE_ATTRIBUTE_SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO, 2},
    {CU_DEVICE_ATTRIBUTE_CAN_USE_HOST_POINTER_FOR_REGISTERED_MEM, 1},
    {CU_DEVICE_ATTRIBUTE_HOST_REGISTER_SUPPORTED, 1},
    {CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR, device::kBlocks},
    {CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK, device::kReservedShared},
    {CU_DEVICE_ATTRIBUTE_READ_ONLY_HOST_REGISTER_SUPPORTED, 1},
};

int value_of(CUdevice_attribute which) {
  if (which == CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN) {
    return static_cast<int>(driver().settings.block_shared);
  }
  if (which == CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR) {
    return static_cast<int>(multiprocessor_shared());
  }
  const auto* end = std::end(kAttributes);
  const auto* found = std::find_if(kAttributes, end, [&](const Attribute& each) { return each.which == which; });
  return found == end ? 0 : found->value;
}

}  // namespace

extern "C" {

CUresult CUDAAPI cuDeviceGet(CUdevice* result, int ordinal) {
  return initialized([&] {
    require(result != nullptr);
    require_device(ordinal);
    *result = ordinal;
  });
}

CUresult CUDAAPI cuDeviceGetCount(int* result) {
  return initialized([&] {
    require(result != nullptr);
    *result = driver().settings.devices;
  });
}

CUresult CUDAAPI cuDeviceGetName(char* name, int length, CUdevice device) {
  return initialized([&] {
    require(name != nullptr && length > 0);
    require_device(device);
    std::snprintf(name, static_cast<size_t>(length), "%s", kName);
  });
}

static CUresult uuid(CUuuid* result, CUdevice device) {
  return initialized([&] {
    require(result != nullptr);
    require_device(device);
    std::memcpy(result->bytes, "densenet4j soft0", sizeof result->bytes);
  });
}

CUresult CUDAAPI cuDeviceGetUuid_v2(CUuuid* result, CUdevice device) { return uuid(result, device); }

// The header gives this name to the newer function.
#undef cuDeviceGetUuid
CUresult CUDAAPI cuDeviceGetUuid(CUuuid* result, CUdevice device) { return uuid(result, device); }

CUresult CUDAAPI cuDeviceTotalMem(size_t* bytes, CUdevice device) {
  return initialized([&] {
    require(bytes != nullptr);
    require_device(device);
    *bytes = driver().settings.memory;
  });
}

CUresult CUDAAPI cuDeviceGetAttribute(int* value, CUdevice_attribute which, CUdevice device) {
  return initialized([&] {
    require(value != nullptr && which > 0 && which < CU_DEVICE_ATTRIBUTE_MAX);
    require_device(device);
    *value = value_of(which);
  });
}

CUresult CUDAAPI cuDeviceComputeCapability(int* major, int* minor, CUdevice device) {
  return initialized([&] {
    require(major != nullptr && minor != nullptr);
    require_device(device);
    *major = device::kMajor;
    *minor = device::kMinor;
  });
}

CUresult CUDAAPI cuDeviceGetPCIBusId(char* text, int length, CUdevice device) {
  return initialized([&] {
    require(text != nullptr && length >= 13);
    require_device(device);
    std::snprintf(text, static_cast<size_t>(length), "0000:01:00.0");
  });
}
}
