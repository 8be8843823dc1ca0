// What every function of the interface does around its work: refuse with a status and a sentence, enqueue.
#ifndef DENSENET4J_SOFTWARE_CUDNN_CALL_H
#define DENSENET4J_SOFTWARE_CUDNN_CALL_H

#include <new>
#include <string>
#include <type_traits>

#include "cudnn_abi.h"
#include "stream_work.h"

struct cudnnContext {
  void* stream;
  void* context;  // the CUcontext that was current when the handle was made
};

namespace software_cudnn {

struct Refusal {
  cudnnStatus_t status;
  std::string reason;
};

inline void require(bool condition, cudnnStatus_t status, const char* reason) {
  if (!condition) throw Refusal{status, reason};
}

inline void require_parameter(bool condition, const char* reason) {
  require(condition, CUDNN_STATUS_BAD_PARAM, reason);
}

inline void require_support(bool condition, const char* reason) {
  require(condition, CUDNN_STATUS_NOT_SUPPORTED, reason);
}

template <class... Pointers>
void require_pointers(const Pointers*... pointers) {
  require_parameter(((pointers != nullptr) && ...), "a handle, descriptor or pointer is null");
}

// Keeps the sentence for cudnnGetLastErrorString of this thread.
cudnnStatus_t refused(const char* function, const Refusal& refusal);

// Runs the body of a function of the interface, which may take that function's name; what it throws becomes a status.
template <class Body>
cudnnStatus_t call(const char* function, const Body& body) {
  try {
    if constexpr (std::is_invocable_v<Body, const char*>) {
      body(function);
    } else {
      body();
    }
    return CUDNN_STATUS_SUCCESS;
  } catch (const Refusal& refusal) {
    return refused(function, refusal);
  } catch (const std::bad_alloc&) {
    return refused(function, {CUDNN_STATUS_ALLOC_FAILED, "no host memory left"});
  }
}

// Refuses a handle that belongs to another CUDA context than this thread's current one.
void require_context(const cudnnContext& handle);

// Throws CUDNN_STATUS_EXECUTION_FAILED with the CUresult if it is not 0.
void require_launched(int result);

template <auto kRun, class Arguments>
void enqueue(const cudnnContext& handle, const char* function, const Arguments& arguments) {
  require_context(handle);
  require_launched(software_cuda::enqueue<kRun>(handle.stream, function, arguments));
}

inline float scalar(const void* host) { return *static_cast<const float*>(host); }

}  // namespace software_cudnn
#endif
