// Work of a library that stands in for one of NVIDIA's: enqueued on a stream, run on device memory.
#ifndef DENSENET4J_SOFTWARE_CUDA_STREAM_WORK_H
#define DENSENET4J_SOFTWARE_CUDA_STREAM_WORK_H

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>

#include "densenet4j_software_cuda.h"

namespace software_cuda {

// A device address as the caller gave it: never dereferenced before the work runs.
using Address = uint64_t;

inline Address address(const void* device) { return reinterpret_cast<Address>(device); }

enum FaultCode { kOutOfMemory = 2, kIllegalAddress = 700, kMisalignedAddress = 716 };

// What a GPU would punish; `code` becomes the context's sticky error.
struct Fault {
  int code;
};

// `count` values of device memory that lie in one allocation. Throws Fault.
template <class T>
T* device_memory(Address at, size_t count) {
  if (at % sizeof(T) != 0) throw Fault{kMisalignedAddress};
  void* host = dn_software_cuda_at(at, count * sizeof(T));
  if (host == nullptr) throw Fault{kIllegalAddress};
  return static_cast<T*>(host);
}

// Enqueues `kRun` with a copy of `arguments`; returns a CUresult.
template <auto kRun, class Arguments>
int enqueue(void* stream, const char* name, const Arguments& arguments) {
  static_assert(std::is_trivially_copyable_v<Arguments>, "a stream keeps arguments as bytes");
  const auto run = [](const void* bytes) {
    try {
      Arguments copy;
      std::memcpy(&copy, bytes, sizeof copy);
      kRun(copy);
      return 0;
    } catch (const Fault& fault) {
      return fault.code;
    } catch (const std::bad_alloc&) {
      return static_cast<int>(kOutOfMemory);
    }
  };
  return dn_software_cuda_launch(stream, name, run, &arguments, sizeof arguments);
}

// What a caller's buffer holds before and after a library used it as workspace: NaNs that show up in live data.
inline void scribble(Address workspace, size_t bytes) {
  if (bytes != 0) std::memset(device_memory<std::byte>(workspace, bytes), 0xff, bytes);
}

}  // namespace software_cuda
#endif
