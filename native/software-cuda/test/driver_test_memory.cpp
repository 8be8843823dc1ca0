// Device memory, pinned memory, copies and fills.
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <numeric>

#include "driver_test.h"

namespace driver_test {

namespace {

void memory_is_aligned_poisoned_and_counted() {
  const Device device;
  const CUdeviceptr first = allocate(1000), second = allocate(24);
  CHECK(first % 256 == 0 && second % 256 == 0);
  CHECK(dn_software_cuda_count("live_bytes") == 1024);
  CHECK(dn_software_cuda_count("live_allocations") == 2);
  std::vector<unsigned char> found(1000, 1);
  OK(cuMemcpyDtoH(found.data(), first, found.size()));
  CHECK(found == std::vector<unsigned char>(1000, 0xff));
  OK(cuMemFree(first));
  CHECK(dn_software_cuda_count("live_bytes") == 24);
  CHECK(dn_software_cuda_count("peak_bytes") == 1024);
  CHECK(dn_software_cuda_count("requested_bytes") == 1024);
  dn_software_cuda_reset_counts();
  CHECK(dn_software_cuda_count("peak_bytes") == 24);
  CHECK(dn_software_cuda_count("requested_bytes") == 0);
  CHECK_CODE(cuMemFree(first), CUDA_ERROR_INVALID_VALUE);
  CHECK_CODE(cuMemFree(second + 4), CUDA_ERROR_INVALID_VALUE);
  OK(cuMemFree(0));
  OK(cuMemFree(second));
  const CUdeviceptr third = allocate(1000);
  CHECK(third != first);
  OK(cuMemFree(third));
}

void memory_is_limited() {
  const Device device;
  CHECK(dn_software_cuda_set("memory", "4096") == 0);
  size_t available, total;
  const CUdeviceptr most = allocate(4000);
  OK(cuMemGetInfo(&available, &total));
  CHECK(available == 96 && total == 4096);
  CUdeviceptr address;
  CHECK_CODE(cuMemAlloc(&address, 97), CUDA_ERROR_OUT_OF_MEMORY);
  CHECK_CODE(cuMemAlloc(&address, 0), CUDA_ERROR_INVALID_VALUE);
  CHECK_CODE(cuMemAlloc(&address, ~size_t{0}), CUDA_ERROR_OUT_OF_MEMORY);
  OK(cuMemAlloc(&address, 96));
  OK(cuMemFree(address));
  OK(cuMemFree(most));
}

void large_memory_costs_nothing_until_it_is_written() {
  const Device device;
  const size_t bytes = size_t{12} << 30;
  const CUdeviceptr large = allocate(bytes);
  CHECK(peek(large + bytes - 4) == -1);
  OK(cuMemsetD32(large + (bytes / 2), 5, 1000));
  OK(cuCtxSynchronize());
  CHECK(peek(large + bytes / 2 + 3996) == 5 && peek(large + bytes / 2 + 4000) == -1);
  OK(cuMemFree(large));
}

void the_host_cannot_use_a_device_address() {
  const Device device;
  const CUdeviceptr address = allocate(16);
  int ends[2];
  CHECK(pipe(ends) == 0);
  CHECK(write(ends[1], reinterpret_cast<const void*>(address), 4) == -1 && errno == EFAULT);
  close(ends[0]);
  close(ends[1]);
  OK(cuMemFree(address));
}

void copies_stay_within_allocations() {
  const Device device;
  const CUdeviceptr first = allocate(100), second = allocate(100);
  std::vector<char> host(200);
  CHECK_CODE(cuMemcpyHtoD(first, host.data(), 101), CUDA_ERROR_INVALID_VALUE);
  CHECK_CODE(cuMemcpyHtoD(first + 1, host.data(), 100), CUDA_ERROR_INVALID_VALUE);
  CHECK_CODE(cuMemcpyDtoH(host.data(), first - 1, 1), CUDA_ERROR_INVALID_VALUE);
  CHECK_CODE(cuMemcpyDtoD(first, second, 101), CUDA_ERROR_INVALID_VALUE);
  CHECK_CODE(cuMemcpyDtoD(first, first + 10, 20), CUDA_ERROR_INVALID_VALUE);
  CHECK_CODE(cuMemcpyHtoD(first, nullptr, 4), CUDA_ERROR_INVALID_VALUE);
  CHECK_CODE(cuMemcpyHtoD(first, reinterpret_cast<const void*>(second), 4), CUDA_ERROR_INVALID_VALUE);
  CHECK_CODE(cuMemcpyDtoH(reinterpret_cast<void*>(second), first, 4), CUDA_ERROR_INVALID_VALUE);
  CHECK_CODE(cuMemsetD32(first + 2, 0, 1), CUDA_ERROR_INVALID_VALUE);
  CHECK_CODE(cuMemsetD32(first, 0, 26), CUDA_ERROR_INVALID_VALUE);
  OK(cuMemcpyHtoD(first, host.data(), 0));
  OK(cuMemFree(first));
  OK(cuMemFree(second));
}

void copies_go_everywhere() {
  const Device device;
  std::vector<int> values(64), found(64);
  std::iota(values.begin(), values.end(), 100);
  const size_t bytes = values.size() * sizeof(int);
  const CUdeviceptr first = allocate(bytes), second = allocate(bytes);
  OK(cuMemcpyHtoD(first, values.data(), bytes));
  OK(cuMemcpyDtoD(second, first, bytes));
  OK(cuMemcpy(reinterpret_cast<CUdeviceptr>(found.data()), second, bytes));
  CHECK(found == values);
  OK(cuMemsetD8(first, 1, 4));
  OK(cuMemsetD16(first + 4, 0x0203, 2));
  OK(cuMemsetD32(first + 8, 0x04050607, 1));
  OK(cuMemcpyDtoH(found.data(), first, 16));
  CHECK(found[0] == 0x01010101 && found[1] == 0x02030203 && found[2] == 0x04050607 && found[3] == 103);
  OK(cuMemFree(first));
  OK(cuMemFree(second));
}

void rectangles_are_copied() {
  const Device device;
  CUdeviceptr address;
  size_t pitch;
  OK(cuMemAllocPitch(&address, &pitch, 12, 3, 4));
  CHECK(pitch == 512);
  int values[9] = {1, 2, 3, 4, 5, 6, 7, 8, 9}, found[4] = {};
  CUDA_MEMCPY2D copy = {};
  copy.srcMemoryType = CU_MEMORYTYPE_HOST, copy.srcHost = values;
  copy.dstMemoryType = CU_MEMORYTYPE_DEVICE, copy.dstDevice = address, copy.dstPitch = pitch;
  copy.WidthInBytes = 12, copy.Height = 3;
  OK(cuMemcpy2D(&copy));
  CHECK(peek(address + 2 * pitch + 8) == 9);
  CUDA_MEMCPY2D back = {};
  back.srcMemoryType = CU_MEMORYTYPE_DEVICE, back.srcDevice = address, back.srcPitch = pitch;
  back.srcXInBytes = 4, back.srcY = 1;
  back.dstMemoryType = CU_MEMORYTYPE_HOST, back.dstHost = found;
  back.WidthInBytes = 8, back.Height = 2;
  OK(cuMemcpy2D(&back));
  CHECK(found[0] == 5 && found[1] == 6 && found[2] == 8 && found[3] == 9);
  back.Height = 3;
  CHECK_CODE(cuMemcpy2D(&back), CUDA_ERROR_INVALID_VALUE);
  OK(cuMemFree(address));
}

void pinned_memory_is_one_address_for_both() {
  const Device device;
  void* host;
  OK(cuMemHostAlloc(&host, 64, CU_MEMHOSTALLOC_DEVICEMAP));
  CHECK(dn_software_cuda_count("host_bytes") == 64 && dn_software_cuda_count("live_bytes") == 0);
  CHECK(static_cast<unsigned char*>(host)[63] == 0xff);
  CUdeviceptr address;
  OK(cuMemHostGetDevicePointer(&address, host, 0));
  *static_cast<int32_t*>(host) = 40;
  OK(enqueue_add(nullptr, address, 2));
  OK(cuCtxSynchronize());
  CHECK(*static_cast<int32_t*>(host) == 42);
  CHECK_CODE(cuMemFree(address), CUDA_ERROR_INVALID_VALUE);
  OK(cuMemFreeHost(host));
  CHECK_CODE(cuMemFreeHost(host), CUDA_ERROR_INVALID_VALUE);
}

void host_memory_is_registered() {
  const Device device;
  alignas(16) static char memory[256];
  OK(cuMemHostRegister(memory + 64, 64, CU_MEMHOSTREGISTER_DEVICEMAP));
  CHECK_CODE(cuMemHostRegister(memory, 65, 0), CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED);
  CHECK_CODE(cuMemHostRegister(memory + 127, 4, 0), CUDA_ERROR_HOST_MEMORY_ALREADY_REGISTERED);
  OK(cuMemHostRegister(memory, 64, 0));
  CHECK(dn_software_cuda_at(reinterpret_cast<uint64_t>(memory + 64), 64) == memory + 64);
  OK(cuMemHostUnregister(memory + 64));
  CHECK(dn_software_cuda_at(reinterpret_cast<uint64_t>(memory + 64), 64) == nullptr);
  CHECK_CODE(cuMemHostUnregister(memory + 64), CUDA_ERROR_HOST_MEMORY_NOT_REGISTERED);
  OK(cuMemHostUnregister(memory));
}

void pointers_have_attributes() {
  const Device device;
  const CUdeviceptr address = allocate(100);
  CUdeviceptr found, base;
  unsigned type;
  size_t bytes;
  OK(cuPointerGetAttribute(&found, CU_POINTER_ATTRIBUTE_DEVICE_POINTER, address + 8));
  OK(cuPointerGetAttribute(&type, CU_POINTER_ATTRIBUTE_MEMORY_TYPE, address + 8));
  CHECK(found == address + 8 && type == CU_MEMORYTYPE_DEVICE);
  OK(cuMemGetAddressRange(&base, &bytes, address + 99));
  CHECK(base == address && bytes == 100);
  CHECK_CODE(cuMemGetAddressRange(&base, &bytes, address + 100), CUDA_ERROR_NOT_FOUND);
  CHECK_CODE(cuPointerGetAttribute(&found, CU_POINTER_ATTRIBUTE_DEVICE_POINTER, reinterpret_cast<CUdeviceptr>(&found)),
             CUDA_ERROR_INVALID_VALUE);
  CUpointer_attribute attributes[] = {CU_POINTER_ATTRIBUTE_MEMORY_TYPE, CU_POINTER_ATTRIBUTE_RANGE_SIZE};
  void* results[] = {&type, &bytes};
  OK(cuPointerGetAttributes(2, attributes, results, reinterpret_cast<CUdeviceptr>(&found)));
  CHECK(type == 0 && bytes == 0);
  OK(cuMemFree(address));
}

void addresses_are_translated_within_one_allocation() {
  const Device device;
  const CUdeviceptr address = allocate(100);
  const auto* first = static_cast<const char*>(dn_software_cuda_at(address, 100));
  CHECK(first != nullptr && dn_software_cuda_at(address + 40, 60) == first + 40);
  CHECK(dn_software_cuda_at(address + 40, 61) == nullptr);
  CHECK(dn_software_cuda_at(address - 1, 1) == nullptr && dn_software_cuda_at(address + 100, 0) == nullptr);
  CHECK(dn_software_cuda_at(address, ~size_t{0}) == nullptr && dn_software_cuda_at(0, 0) == nullptr);
  OK(cuMemFree(address));
  CHECK(dn_software_cuda_at(address, 1) == nullptr);
}

}  // namespace

std::vector<Test> memory_tests() {
  return {{"memory_is_aligned_poisoned_and_counted", memory_is_aligned_poisoned_and_counted},
          {"memory_is_limited", memory_is_limited},
          {"large_memory_costs_nothing_until_it_is_written", large_memory_costs_nothing_until_it_is_written},
          {"the_host_cannot_use_a_device_address", the_host_cannot_use_a_device_address},
          {"copies_stay_within_allocations", copies_stay_within_allocations},
          {"copies_go_everywhere", copies_go_everywhere},
          {"rectangles_are_copied", rectangles_are_copied},
          {"pinned_memory_is_one_address_for_both", pinned_memory_is_one_address_for_both},
          {"host_memory_is_registered", host_memory_is_registered},
          {"pointers_have_attributes", pointers_have_attributes},
          {"addresses_are_translated_within_one_allocation", addresses_are_translated_within_one_allocation}};
}

}  // namespace driver_test
