// What every function of the interface does around its work.
#ifndef DENSENET4J_SOFTWARE_CUBLAS_CALL_H
#define DENSENET4J_SOFTWARE_CUBLAS_CALL_H

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <new>

#include "blend.h"
#include "cublas_abi.h"
#include "stream_work.h"

struct cublasContext {
  void* stream;
  void* context;  // the CUcontext that was current when the handle was made
  cublasPointerMode_t pointer_mode;
  cublasMath_t math;
  software_cuda::Address workspace;  // the caller's
  size_t workspace_bytes;
};

namespace software_cublas {

using software_cuda::Blend;

struct Refusal {
  cublasStatus_t status;
};

inline void require(bool condition, cublasStatus_t status) {
  if (!condition) throw Refusal{status};
}

inline void require_value(bool condition) { require(condition, CUBLAS_STATUS_INVALID_VALUE); }

inline bool is_operation(cublasOperation_t operation) { return operation >= CUBLAS_OP_N && operation <= CUBLAS_OP_C; }

// Runs the body of a function of the interface and turns what it throws into a status.
template <class Body>
cublasStatus_t call(cublasHandle_t handle, const Body& body) {
  if (handle == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  try {
    body();
    return CUBLAS_STATUS_SUCCESS;
  } catch (const Refusal& refusal) {
    return refusal.status;
  } catch (const std::bad_alloc&) {
    return CUBLAS_STATUS_ALLOC_FAILED;
  }
}

// Whether the context of the handle is this thread's current one.
bool in_context(const cublasContext& handle);

template <auto kRun, class Arguments>
void enqueue(const cublasContext& handle, const char* function, const Arguments& arguments) {
  require(in_context(handle), CUBLAS_STATUS_EXECUTION_FAILED);
  const int result = software_cuda::enqueue<kRun>(handle.stream, function, arguments);
  require(result == 0, CUBLAS_STATUS_EXECUTION_FAILED);
}

// A factor: read at once from host memory, or from device memory when the work runs.
class Factor {
 public:
  Factor() = default;
  Factor(const cublasContext& handle, const void* pointer) {
    require_value(pointer != nullptr);
    if (handle.pointer_mode == CUBLAS_POINTER_MODE_DEVICE) {
      device_ = software_cuda::address(pointer);
    } else {
      value_ = *static_cast<const float*>(pointer);
    }
  }

  float read() const { return device_ == 0 ? value_ : *software_cuda::device_memory<float>(device_, 1); }

 private:
  software_cuda::Address device_ = 0;
  float value_ = 0;
};

// A vector of BLAS: with a negative increment its first element lies last.
struct Vector {
  software_cuda::Address address;
  int64_t count, increment;

  // The first element, where x[i * increment] is the i-th. Throws software_cuda::Fault.
  float* map() const {
    const int64_t reach = (count - 1) * std::abs(increment);
    float* lowest = software_cuda::device_memory<float>(address, static_cast<size_t>(reach + 1));
    return increment < 0 ? lowest + reach : lowest;
  }
};

}  // namespace software_cublas
#endif
