// The library's version and its handles.
#include "call.h"
#include "context.h"

using namespace software_cublas;

namespace software_cublas {

bool in_context(const cublasContext& handle) { return software_cuda::current_context() == handle.context; }

}  // namespace software_cublas

namespace {

constexpr int kMajor = 13, kMinor = 2, kPatch = 1;
constexpr software_cuda::Address kWorkspaceAlignment = 256;

}  // namespace

cublasStatus_t cublasCreate_v2(cublasHandle_t* handle) {
  if (handle == nullptr) return CUBLAS_STATUS_INVALID_VALUE;
  const CUcontext context = software_cuda::current_context();
  if (context == nullptr) return CUBLAS_STATUS_NOT_INITIALIZED;
  *handle = new (std::nothrow) cublasContext{nullptr, context, CUBLAS_POINTER_MODE_HOST, CUBLAS_DEFAULT_MATH, 0, 0};
  return *handle == nullptr ? CUBLAS_STATUS_ALLOC_FAILED : CUBLAS_STATUS_SUCCESS;
}

cublasStatus_t cublasDestroy_v2(cublasHandle_t handle) {
  return call(handle, [&] { delete handle; });
}

cublasStatus_t cublasGetVersion_v2(cublasHandle_t handle, int* version) {
  return call(handle, [&] {
    require_value(version != nullptr);
    *version = kMajor * 10000 + kMinor * 100 + kPatch;
  });
}

cublasStatus_t cublasGetProperty(libraryPropertyType type, int* value) {
  const int versions[] = {kMajor, kMinor, kPatch};
  if (value == nullptr || type < MAJOR_VERSION || type > PATCH_LEVEL) return CUBLAS_STATUS_INVALID_VALUE;
  *value = versions[type];
  return CUBLAS_STATUS_SUCCESS;
}

size_t cublasGetCudartVersion() { return 13000; }

// As documented, a new stream takes the caller's workspace away.
cublasStatus_t cublasSetStream_v2(cublasHandle_t handle, cudaStream_t stream) {
  return call(handle, [&] {
    handle->stream = stream;
    handle->workspace = 0;
    handle->workspace_bytes = 0;
  });
}

cublasStatus_t cublasGetStream_v2(cublasHandle_t handle, cudaStream_t* stream) {
  return call(handle, [&] {
    require_value(stream != nullptr);
    *stream = static_cast<cudaStream_t>(handle->stream);
  });
}

cublasStatus_t cublasSetWorkspace_v2(cublasHandle_t handle, void* workspace, size_t bytes) {
  return call(handle, [&] {
    require_value(software_cuda::address(workspace) % kWorkspaceAlignment == 0);
    handle->workspace = software_cuda::address(workspace);
    handle->workspace_bytes = workspace == nullptr ? 0 : bytes;
  });
}

cublasStatus_t cublasSetMathMode(cublasHandle_t handle, cublasMath_t mode) {
  return call(handle, [&] {
    const int base = mode & ~CUBLAS_MATH_DISALLOW_REDUCED_PRECISION_REDUCTION;
    require_value(base >= CUBLAS_DEFAULT_MATH && base <= CUBLAS_TF32_TENSOR_OP_MATH);
    handle->math = mode;
  });
}

cublasStatus_t cublasGetMathMode(cublasHandle_t handle, cublasMath_t* mode) {
  return call(handle, [&] {
    require_value(mode != nullptr);
    *mode = handle->math;
  });
}

cublasStatus_t cublasSetPointerMode_v2(cublasHandle_t handle, cublasPointerMode_t mode) {
  return call(handle, [&] {
    require_value(mode == CUBLAS_POINTER_MODE_HOST || mode == CUBLAS_POINTER_MODE_DEVICE);
    handle->pointer_mode = mode;
  });
}

cublasStatus_t cublasGetPointerMode_v2(cublasHandle_t handle, cublasPointerMode_t* mode) {
  return call(handle, [&] {
    require_value(mode != nullptr);
    *mode = handle->pointer_mode;
  });
}
