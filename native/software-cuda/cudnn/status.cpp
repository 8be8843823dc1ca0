// Errors in words.
#include <algorithm>
#include <cstring>

#include "call.h"

namespace software_cudnn {

namespace {
thread_local std::string last_error;
}

cudnnStatus_t refused(const char* function, const Refusal& refusal) {
  last_error = std::string(function) + ": " + refusal.reason;
  return refusal.status;
}

}  // namespace software_cudnn

namespace {

// Those of NVIDIA's cuDNN that can be told from others of their kind, whether they come from here or not.
constexpr struct {
  int status;
  const char* name;
} kNames[] = {
    {0, "CUDNN_STATUS_SUCCESS"},
    {1001, "CUDNN_STATUS_NOT_INITIALIZED"},
    {1002, "CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH"},
    {1008, "CUDNN_STATUS_SUBLIBRARY_LOADING_FAILED"},
    {2000, "CUDNN_STATUS_BAD_PARAM"},
    {3000, "CUDNN_STATUS_NOT_SUPPORTED"},
    {3005, "CUDNN_STATUS_NOT_SUPPORTED_INCOMPATIBLE_CUDA_DRIVER"},
    {3006, "CUDNN_STATUS_NOT_SUPPORTED_INCOMPATIBLE_CUDART"},
    {3007, "CUDNN_STATUS_NOT_SUPPORTED_ARCH_MISMATCH"},
    {3008, "CUDNN_STATUS_NOT_SUPPORTED_RUNTIME_PREREQUISITE_MISSING"},
    {3009, "CUDNN_STATUS_NOT_SUPPORTED_SUBLIBRARY_UNAVAILABLE"},
    {4000, "CUDNN_STATUS_INTERNAL_ERROR"},
    {4003, "CUDNN_STATUS_INTERNAL_ERROR_HOST_ALLOCATION_FAILED"},
    {4004, "CUDNN_STATUS_INTERNAL_ERROR_DEVICE_ALLOCATION_FAILED"},
    {5000, "CUDNN_STATUS_EXECUTION_FAILED"},
    {5001, "CUDNN_STATUS_EXECUTION_FAILED_CUDA_DRIVER"},
    {5002, "CUDNN_STATUS_EXECUTION_FAILED_CUBLAS"},
    {5003, "CUDNN_STATUS_EXECUTION_FAILED_CUDART"},
};

}  // namespace

const char* cudnnGetErrorString(cudnnStatus_t status) {
  for (const auto& each : kNames) {
    if (each.status == static_cast<int>(status)) return each.name;
  }
  return "CUDNN_UNKNOWN_STATUS";
}

void cudnnGetLastErrorString(char* message, size_t max_size) {
  if (message == nullptr || max_size == 0) return;
  const std::string& error = software_cudnn::last_error;
  const size_t length = std::min(error.size(), max_size - 1);
  std::memcpy(message, error.data(), length);
  message[length] = 0;
}
