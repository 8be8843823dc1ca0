// Device memory and pinned memory.
#include <algorithm>
#include <cstring>

#include "driver.h"

using namespace software_cuda;

namespace {

uint64_t free_bytes() {
  const uint64_t live = driver().memory.total(MemoryKind::kDevice), most = driver().settings.memory;
  return live < most ? most - live : 0;
}

uint64_t allocate(Context& context, uint64_t bytes) {
  require(bytes > 0);
  refuse_unsafe();
  require(bytes <= free_bytes(), CUDA_ERROR_OUT_OF_MEMORY);
  const Allocation& allocation = driver().memory.allocate(MemoryKind::kDevice, bytes, &context);
  Counters& counters = driver().counters;
  counters.requested_bytes += bytes;
  counters.peak_bytes = std::max(counters.peak_bytes, driver().memory.total(MemoryKind::kDevice));
  return allocation.address;
}

void* pin(Context& context, size_t bytes, unsigned flags) {
  constexpr unsigned known = CU_MEMHOSTALLOC_PORTABLE | CU_MEMHOSTALLOC_DEVICEMAP | CU_MEMHOSTALLOC_WRITECOMBINED;
  require(bytes > 0 && (flags & ~known) == 0);
  refuse_unsafe();
  return driver().memory.pin(bytes, flags, &context).host;
}

// Freeing waits for everything, as it does on a GPU.
void release(Context& context, uint64_t address, MemoryKind kind, CUresult otherwise) {
  const Allocation* found = driver().memory.holding(address);
  require(found != nullptr && found->address == address && found->kind == kind, otherwise);
  refuse_unsafe();
  synchronize(context);
  if (found->context != &context) synchronize(*found->context);
  driver().memory.release(address);
}

template <class T>
void put(void* to, T value) {
  std::memcpy(to, &value, sizeof value);
}

void put_attribute(const Allocation& allocation, uint64_t address, CUpointer_attribute attribute, void* to) {
  const bool device = allocation.kind == MemoryKind::kDevice || allocation.kind == MemoryKind::kModule;
  switch (attribute) {
    case CU_POINTER_ATTRIBUTE_CONTEXT: return put(to, allocation.context->handle);
    case CU_POINTER_ATTRIBUTE_MEMORY_TYPE: return put<unsigned>(to, device ? CU_MEMORYTYPE_DEVICE : CU_MEMORYTYPE_HOST);
    case CU_POINTER_ATTRIBUTE_DEVICE_POINTER: return put<CUdeviceptr>(to, address);
    case CU_POINTER_ATTRIBUTE_HOST_POINTER:
      require(!device);
      return put(to, reinterpret_cast<void*>(address));
    case CU_POINTER_ATTRIBUTE_BUFFER_ID: return put<unsigned long long>(to, allocation.serial);
    case CU_POINTER_ATTRIBUTE_SYNC_MEMOPS:
    case CU_POINTER_ATTRIBUTE_IS_MANAGED: return put<unsigned>(to, 0);
    case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL: return put<int>(to, 0);
    case CU_POINTER_ATTRIBUTE_MAPPED: return put<unsigned>(to, 1);
    case CU_POINTER_ATTRIBUTE_RANGE_START_ADDR: return put<CUdeviceptr>(to, allocation.address);
    case CU_POINTER_ATTRIBUTE_RANGE_SIZE: return put<size_t>(to, allocation.bytes);
    default: throw Failure(CUDA_ERROR_NOT_SUPPORTED, "pointer attribute " + std::to_string(attribute) + " is unknown");
  }
}

// Of an address that is nobody's, where that is no error.
void clear_attribute(CUpointer_attribute attribute, void* to) {
  switch (attribute) {
    case CU_POINTER_ATTRIBUTE_MEMORY_TYPE:
    case CU_POINTER_ATTRIBUTE_SYNC_MEMOPS:
    case CU_POINTER_ATTRIBUTE_IS_MANAGED:
    case CU_POINTER_ATTRIBUTE_MAPPED: return put<unsigned>(to, 0);
    case CU_POINTER_ATTRIBUTE_DEVICE_ORDINAL: return put<int>(to, -2);
    default: return put<uint64_t>(to, 0);
  }
}

}  // namespace

extern "C" {

CUresult CUDAAPI cuMemGetInfo(size_t* available, size_t* total) {
  return in_context([&](Context&) {
    require(available != nullptr && total != nullptr);
    *available = free_bytes();
    *total = driver().settings.memory;
  });
}

CUresult CUDAAPI cuMemAlloc(CUdeviceptr* result, size_t bytes) {
  return in_context([&](Context& context) {
    require(result != nullptr);
    *result = allocate(context, bytes);
  });
}

CUresult CUDAAPI cuMemAllocPitch(CUdeviceptr* result, size_t* pitch, size_t width, size_t height, unsigned element) {
  return in_context([&](Context& context) {
    require(result != nullptr && pitch != nullptr && width > 0 && height > 0);
    require(element == 4 || element == 8 || element == 16);
    *pitch = (width + 511) / 512 * 512;
    *result = allocate(context, *pitch * height);
  });
}

CUresult CUDAAPI cuMemFree(CUdeviceptr address) {
  return in_context([&](Context& context) {
    if (address != 0) release(context, address, MemoryKind::kDevice, CUDA_ERROR_INVALID_VALUE);
  });
}

CUresult CUDAAPI cuMemGetAddressRange(CUdeviceptr* base, size_t* bytes, CUdeviceptr address) {
  return in_context([&](Context&) {
    const Allocation* found = driver().memory.holding(address);
    require(found != nullptr, CUDA_ERROR_NOT_FOUND);
    if (base != nullptr) *base = found->address;
    if (bytes != nullptr) *bytes = found->bytes;
  });
}

CUresult CUDAAPI cuMemHostAlloc(void** result, size_t bytes, unsigned flags) {
  return in_context([&](Context& context) {
    require(result != nullptr);
    *result = pin(context, bytes, flags);
  });
}

CUresult CUDAAPI cuMemAllocHost(void** result, size_t bytes) { return cuMemHostAlloc(result, bytes, 0); }

CUresult CUDAAPI cuMemFreeHost(void* memory) {
  return in_context([&](Context& context) {
    release(context, reinterpret_cast<uint64_t>(memory), MemoryKind::kPinned, CUDA_ERROR_INVALID_VALUE);
  });
}

CUresult CUDAAPI cuMemHostRegister(void* memory, size_t bytes, unsigned flags) {
  return in_context([&](Context& context) {
    constexpr unsigned known =
        CU_MEMHOSTREGISTER_PORTABLE | CU_MEMHOSTREGISTER_DEVICEMAP | CU_MEMHOSTREGISTER_READ_ONLY;
    require(memory != nullptr && bytes > 0 && (flags & ~known) == 0);
    const uint64_t address = reinterpret_cast<uint64_t>(memory);
    require(!driver().memory.is_device(address));
    require(!driver().memory.overlaps(address, bytes), CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED);
    refuse_unsafe();
    driver().memory.enrol(memory, bytes, flags, &context);
  });
}

CUresult CUDAAPI cuMemHostUnregister(void* memory) {
  return in_context([&](Context& context) {
    const uint64_t address = reinterpret_cast<uint64_t>(memory);
    release(context, address, MemoryKind::kRegistered, CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);
  });
}

CUresult CUDAAPI cuMemHostGetDevicePointer(CUdeviceptr* result, void* memory, unsigned flags) {
  return in_context([&](Context&) {
    const uint64_t address = reinterpret_cast<uint64_t>(memory);
    require(result != nullptr && flags == 0 && !driver().memory.is_device(address));
    require(driver().memory.holding(address) != nullptr);
    *result = address;
  });
}

CUresult CUDAAPI cuMemHostGetFlags(unsigned* flags, void* memory) {
  return in_context([&](Context&) {
    const Allocation* found = driver().memory.holding(reinterpret_cast<uint64_t>(memory));
    require(flags != nullptr && found != nullptr && found->kind == MemoryKind::kPinned);
    *flags = found->flags | CU_MEMHOSTALLOC_DEVICEMAP;
  });
}

CUresult CUDAAPI cuPointerGetAttribute(void* result, CUpointer_attribute attribute, CUdeviceptr address) {
  return initialized([&] {
    const Allocation* found = driver().memory.holding(address);
    require(result != nullptr && found != nullptr);
    put_attribute(*found, address, attribute, result);
  });
}

CUresult CUDAAPI cuPointerGetAttributes(unsigned count, CUpointer_attribute* attributes, void** results,
                                        CUdeviceptr address) {
  return initialized([&] {
    require(count > 0 && attributes != nullptr && results != nullptr);
    const Allocation* found = driver().memory.holding(address);
    for (unsigned i = 0; i < count; ++i) {
      require(results[i] != nullptr);
      if (found != nullptr) {
        put_attribute(*found, address, attributes[i], results[i]);
      } else {
        clear_attribute(attributes[i], results[i]);
      }
    }
  });
}
}
