// The library's versions, its sub-libraries and its handles.
#include <dlfcn.h>

#include "call.h"
#include "context.h"

using namespace software_cudnn;

namespace software_cudnn {

void require_context(const cudnnContext& handle) {
  require(software_cuda::current_context() == handle.context, CUDNN_STATUS_EXECUTION_FAILED,
          "the CUDA context of the handle is not the current one of this thread");
}

void require_launched(int result) {
  if (result == 0) return;
  throw Refusal{CUDNN_STATUS_EXECUTION_FAILED, "the launch returned CUresult " + std::to_string(result)};
}

}  // namespace software_cudnn

namespace {

constexpr int kMajor = 9, kMinor = 19, kPatch = 0;

// Like cuDNN, which loads its sub-libraries from where it lies when they are first needed.
void load(const char* library, const char* check) {
  void* loaded = dlopen(library, RTLD_NOW | RTLD_LOCAL);
  if (loaded == nullptr) {
    throw Refusal{CUDNN_STATUS_SUBLIBRARY_LOADING_FAILED, std::string(library) + " cannot be loaded: " + dlerror()};
  }
  const auto version = reinterpret_cast<cudnnStatus_t (*)()>(dlsym(loaded, check));
  if (version == nullptr || version() != CUDNN_STATUS_SUCCESS) {
    throw Refusal{CUDNN_STATUS_SUBLIBRARY_VERSION_MISMATCH, std::string(library) + " is of another version"};
  }
}

cudnnStatus_t checked(const char* check, const char* library) {
  return call(check, [&] { load(library, check); });
}

}  // namespace

size_t cudnnGetVersion() { return kMajor * 10000 + kMinor * 100 + kPatch; }
size_t cudnnGetMaxDeviceVersion() { return 1210; }
size_t cudnnGetCudartVersion() { return 13000; }

cudnnStatus_t cudnnGetProperty(int type, int* value) {
  return call(__func__, [&] {
    require_pointers(value);
    const int versions[] = {kMajor, kMinor, kPatch};
    require_parameter(type >= 0 && type < 3, "the property is none of major, minor and patch level");
    *value = versions[type];
  });
}

cudnnStatus_t cudnnGraphVersionCheck() { return checked(__func__, "libcudnn_graph.so.9"); }
cudnnStatus_t cudnnOpsVersionCheck() { return checked(__func__, "libcudnn_ops.so.9"); }
cudnnStatus_t cudnnCnnVersionCheck() { return checked(__func__, "libcudnn_cnn.so.9"); }
cudnnStatus_t cudnnAdvVersionCheck() { return checked(__func__, "libcudnn_adv.so.9"); }

cudnnStatus_t cudnnCreate(cudnnHandle_t* handle) {
  return call(__func__, [&] {
    require_pointers(handle);
    load("libcudnn_graph.so.9", "cudnnGraphVersionCheck");
    load("libcudnn_ops.so.9", "cudnnOpsVersionCheck");
    const CUcontext context = software_cuda::current_context();
    require(context != nullptr, CUDNN_STATUS_NOT_INITIALIZED, "no CUDA context is current");
    *handle = new cudnnContext{nullptr, context};
  });
}

cudnnStatus_t cudnnDestroy(cudnnHandle_t handle) {
  return call(__func__, [&] {
    require_pointers(handle);
    delete handle;
  });
}

cudnnStatus_t cudnnSetStream(cudnnHandle_t handle, cudaStream_t stream) {
  return call(__func__, [&] {
    require_pointers(handle);
    handle->stream = stream;
  });
}

cudnnStatus_t cudnnGetStream(cudnnHandle_t handle, cudaStream_t* stream) {
  return call(__func__, [&] {
    require_pointers(handle, stream);
    *stream = static_cast<cudaStream_t>(handle->stream);
  });
}
