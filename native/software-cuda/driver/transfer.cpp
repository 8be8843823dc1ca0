// Copies and fills.
#include "transfer.h"

#include "driver.h"

namespace software_cuda {

namespace {

enum class Place { kHost, kDevice, kAny };

void require_place(uint64_t address, Place place, uint64_t bytes) {
  const AddressSpace& memory = driver().memory;
  if (place == Place::kHost) require(!memory.is_device(address));
  if (place == Place::kDevice) require(memory.at(address, bytes) != nullptr);
}

Copy flat(uint64_t to, Place to_place, uint64_t from, Place from_place, size_t bytes) {
  const Copy copy{{to, bytes, bytes}, {from, bytes, bytes}, bytes, 1, 1};
  if (bytes == 0) return copy;
  require_place(to, to_place, bytes);
  require_place(from, from_place, bytes);
  check(copy);
  return copy;
}

uint64_t address_of(const void* pointer) { return reinterpret_cast<uint64_t>(pointer); }

CUresult copy_now(uint64_t to, Place to_place, uint64_t from, Place from_place, size_t bytes) {
  return in_context([&](Context& context) { do_now(context, flat(to, to_place, from, from_place, bytes)); });
}

CUresult copy_later(uint64_t to, Place to_place, uint64_t from, Place from_place, size_t bytes, CUstream stream) {
  return in_context([&](Context& context) {
    enqueue(context, stream_of(context, stream), flat(to, to_place, from, from_place, bytes));
  });
}

Copy::Side side(CUmemorytype type, const void* host, CUdeviceptr device, size_t pitch, size_t slice, size_t offset) {
  require(type == CU_MEMORYTYPE_HOST || type == CU_MEMORYTYPE_DEVICE || type == CU_MEMORYTYPE_UNIFIED,
          CUDA_ERROR_NOT_SUPPORTED);
  const uint64_t address = type == CU_MEMORYTYPE_HOST ? address_of(host) : device;
  if (type == CU_MEMORYTYPE_HOST) require(!driver().memory.is_device(address));
  if (type == CU_MEMORYTYPE_DEVICE) require(driver().memory.holding(address) != nullptr);
  return {address + offset, pitch, slice};
}

CUresult fill_later(CUstream stream, const Fill& fill) {
  return in_context([&](Context& context) {
    check(fill);
    require(driver().settings.refuse.count("pinned_memset") == 0 || driver().memory.is_device(fill.to));
    enqueue(context, stream_of(context, stream), fill);
  });
}

}  // namespace

Copy copy_of(const CUDA_MEMCPY3D& p) {
  require(p.reserved0 == nullptr && p.reserved1 == nullptr && p.srcLOD == 0 && p.dstLOD == 0);
  // A pitch of 0 means packed rows.
  const size_t to_pitch = p.dstPitch == 0 ? p.WidthInBytes : p.dstPitch;
  const size_t from_pitch = p.srcPitch == 0 ? p.WidthInBytes : p.srcPitch;
  const size_t to_slice = to_pitch * (p.dstHeight == 0 ? p.Height : p.dstHeight);
  const size_t from_slice = from_pitch * (p.srcHeight == 0 ? p.Height : p.srcHeight);
  const Copy copy{side(p.dstMemoryType, p.dstHost, p.dstDevice, to_pitch, to_slice,
                       p.dstZ * to_slice + p.dstY * to_pitch + p.dstXInBytes),
                  side(p.srcMemoryType, p.srcHost, p.srcDevice, from_pitch, from_slice,
                       p.srcZ * from_slice + p.srcY * from_pitch + p.srcXInBytes),
                  p.WidthInBytes, p.Height, p.Depth};
  check(copy);
  return copy;
}

Copy copy_of(const CUDA_MEMCPY2D& p) {
  CUDA_MEMCPY3D deep = {};
  deep.srcXInBytes = p.srcXInBytes, deep.srcY = p.srcY, deep.srcMemoryType = p.srcMemoryType;
  deep.srcHost = p.srcHost, deep.srcDevice = p.srcDevice, deep.srcPitch = p.srcPitch;
  deep.dstXInBytes = p.dstXInBytes, deep.dstY = p.dstY, deep.dstMemoryType = p.dstMemoryType;
  deep.dstHost = p.dstHost, deep.dstDevice = p.dstDevice, deep.dstPitch = p.dstPitch;
  deep.WidthInBytes = p.WidthInBytes, deep.Height = p.Height, deep.Depth = 1;
  return copy_of(deep);
}

}  // namespace software_cuda

using namespace software_cuda;

extern "C" {

CUresult CUDAAPI cuMemcpy(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  return copy_now(to, Place::kAny, from, Place::kAny, bytes);
}

CUresult CUDAAPI cuMemcpyHtoD(CUdeviceptr to, const void* from, size_t bytes) {
  return copy_now(to, Place::kDevice, address_of(from), Place::kHost, bytes);
}

CUresult CUDAAPI cuMemcpyDtoH(void* to, CUdeviceptr from, size_t bytes) {
  return copy_now(address_of(to), Place::kHost, from, Place::kDevice, bytes);
}

// On the device alone, the host does not wait.
CUresult CUDAAPI cuMemcpyDtoD(CUdeviceptr to, CUdeviceptr from, size_t bytes) {
  return copy_later(to, Place::kDevice, from, Place::kDevice, bytes, nullptr);
}

CUresult CUDAAPI cuMemcpyAsync(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return copy_later(to, Place::kAny, from, Place::kAny, bytes, stream);
}

CUresult CUDAAPI cuMemcpyHtoDAsync(CUdeviceptr to, const void* from, size_t bytes, CUstream stream) {
  return copy_later(to, Place::kDevice, address_of(from), Place::kHost, bytes, stream);
}

CUresult CUDAAPI cuMemcpyDtoHAsync(void* to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return copy_later(address_of(to), Place::kHost, from, Place::kDevice, bytes, stream);
}

CUresult CUDAAPI cuMemcpyDtoDAsync(CUdeviceptr to, CUdeviceptr from, size_t bytes, CUstream stream) {
  return copy_later(to, Place::kDevice, from, Place::kDevice, bytes, stream);
}

CUresult CUDAAPI cuMemcpy2D(const CUDA_MEMCPY2D* parameters) {
  return in_context([&](Context& context) {
    require(parameters != nullptr);
    do_now(context, copy_of(*parameters));
  });
}

CUresult CUDAAPI cuMemcpy2DUnaligned(const CUDA_MEMCPY2D* parameters) { return cuMemcpy2D(parameters); }

CUresult CUDAAPI cuMemcpy2DAsync(const CUDA_MEMCPY2D* parameters, CUstream stream) {
  return in_context([&](Context& context) {
    require(parameters != nullptr);
    enqueue(context, stream_of(context, stream), copy_of(*parameters));
  });
}

CUresult CUDAAPI cuMemcpy3D(const CUDA_MEMCPY3D* parameters) {
  return in_context([&](Context& context) {
    require(parameters != nullptr);
    do_now(context, copy_of(*parameters));
  });
}

CUresult CUDAAPI cuMemcpy3DAsync(const CUDA_MEMCPY3D* parameters, CUstream stream) {
  return in_context([&](Context& context) {
    require(parameters != nullptr);
    enqueue(context, stream_of(context, stream), copy_of(*parameters));
  });
}

CUresult CUDAAPI cuMemsetD8Async(CUdeviceptr to, unsigned char value, size_t count, CUstream stream) {
  return fill_later(stream, {to, count, value, 1, count, 1});
}

CUresult CUDAAPI cuMemsetD16Async(CUdeviceptr to, unsigned short value, size_t count, CUstream stream) {
  return fill_later(stream, {to, 2 * count, value, 2, count, 1});
}

CUresult CUDAAPI cuMemsetD32Async(CUdeviceptr to, unsigned value, size_t count, CUstream stream) {
  return fill_later(stream, {to, 4 * count, value, 4, count, 1});
}

CUresult CUDAAPI cuMemsetD8(CUdeviceptr to, unsigned char value, size_t count) {
  return cuMemsetD8Async(to, value, count, nullptr);
}

CUresult CUDAAPI cuMemsetD16(CUdeviceptr to, unsigned short value, size_t count) {
  return cuMemsetD16Async(to, value, count, nullptr);
}

CUresult CUDAAPI cuMemsetD32(CUdeviceptr to, unsigned value, size_t count) {
  return cuMemsetD32Async(to, value, count, nullptr);
}
}
