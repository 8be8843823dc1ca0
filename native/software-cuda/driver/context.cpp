// Contexts.
#include "context.h"

#include "device.h"
#include "driver.h"
#include "report.h"

namespace software_cuda {

namespace {

std::vector<CUcontext>& stack() {
  thread_local std::vector<CUcontext> contexts;
  return contexts;
}

Context& alive(CUcontext handle) {
  const auto found = driver().contexts.find(handle);
  require(found != nullptr && found->alive, CUDA_ERROR_INVALID_CONTEXT);
  return *found;
}

void create(CUcontext* result, unsigned flags, CUdevice device) {
  require(result != nullptr);
  require_device(device);
  auto context = std::make_shared<Context>();
  context->flags = flags;
  driver().contexts.add(context);
  begin(*context);
  stack().push_back(context->handle);
  *result = context->handle;
}

}  // namespace

Context& current_context() {
  require(!stack().empty() && stack().back() != nullptr, CUDA_ERROR_INVALID_CONTEXT);
  const auto found = driver().contexts.find(stack().back());
  require(found != nullptr && found->alive, CUDA_ERROR_CONTEXT_IS_DESTROYED);
  require(found->lost == CUDA_SUCCESS, found->lost);
  return *found;
}

void begin(Context& context) {
  context.alive = true;
  context.lost = CUDA_SUCCESS;
  context.limits = {
      {CU_LIMIT_STACK_SIZE, 1024}, {CU_LIMIT_PRINTF_FIFO_SIZE, 1 << 20}, {CU_LIMIT_MALLOC_HEAP_SIZE, 8 << 20}};
  for (auto* each : {&context.legacy, &context.per_thread}) {
    *each = std::make_shared<Stream>();
    (*each)->context = &context;
  }
}

void end(Context& context) {
  // Nothing can be freed in a context that is lost.
  if (context.lost == CUDA_SUCCESS) report_leaks(context);
  drop_work(context);
  for (const auto& each : streams_of(context)) {
    leave(*each);
    driver().streams.remove(each->handle);
  }
  for (const auto& each : driver().executables.of(&context)) driver().executables.remove(each->handle);
  for (const auto& each : driver().graphs.of(&context)) destroy_graph(each->handle);
  for (const auto& each : driver().events.of(&context)) driver().events.remove(each->handle);
  for (const auto& each : driver().modules.of(&context)) unload(*each);
  for (const Allocation* each : driver().memory.of(&context)) driver().memory.release(each->address);
  context.alive = false;
  if (!context.primary) driver().contexts.remove(context.handle);
}

}  // namespace software_cuda

using namespace software_cuda;

extern "C" {

CUresult CUDAAPI cuCtxCreate_v2(CUcontext* result, unsigned flags, CUdevice device) {
  return initialized([&] { create(result, flags, device); });
}

CUresult CUDAAPI cuCtxCreate_v4(CUcontext* result, CUctxCreateParams* parameters, unsigned flags, CUdevice device) {
  return initialized([&] {
    require(parameters == nullptr, CUDA_ERROR_NOT_SUPPORTED);
    create(result, flags, device);
  });
}

CUresult CUDAAPI cuCtxDestroy(CUcontext handle) {
  return initialized([&] {
    Context& context = alive(handle);
    require(!context.primary, CUDA_ERROR_INVALID_CONTEXT);
    end(context);
    if (!stack().empty() && stack().back() == handle) stack().pop_back();
  });
}

CUresult CUDAAPI cuCtxSetCurrent(CUcontext handle) {
  return initialized([&] {
    if (handle != nullptr) alive(handle);
    if (!stack().empty()) stack().pop_back();
    if (handle != nullptr) stack().push_back(handle);
  });
}

CUresult CUDAAPI cuCtxGetCurrent(CUcontext* handle) {
  return initialized([&] {
    require(handle != nullptr);
    *handle = stack().empty() ? nullptr : stack().back();
  });
}

CUresult CUDAAPI cuCtxPushCurrent(CUcontext handle) {
  return initialized([&] {
    alive(handle);
    stack().push_back(handle);
  });
}

CUresult CUDAAPI cuCtxPopCurrent(CUcontext* handle) {
  return initialized([&] {
    require(!stack().empty(), CUDA_ERROR_INVALID_CONTEXT);
    if (handle != nullptr) *handle = stack().back();
    stack().pop_back();
  });
}

CUresult CUDAAPI cuCtxSynchronize(void) {
  return in_context([&](Context& context) {
    refuse_waiting(context);
    synchronize(context);
  });
}

CUresult CUDAAPI cuCtxGetDevice(CUdevice* device) {
  return in_context([&](Context&) {
    require(device != nullptr);
    *device = 0;
  });
}

CUresult CUDAAPI cuCtxGetFlags(unsigned* flags) {
  return in_context([&](Context& context) {
    require(flags != nullptr);
    *flags = context.flags;
  });
}

CUresult CUDAAPI cuCtxGetId(CUcontext handle, unsigned long long* id) {
  return initialized([&] {
    require(id != nullptr);
    *id = reinterpret_cast<uintptr_t>(handle == nullptr ? current_context().handle : alive(handle).handle);
  });
}

CUresult CUDAAPI cuCtxGetApiVersion(CUcontext handle, unsigned* version) {
  return initialized([&] {
    require(version != nullptr);
    if (handle != nullptr) alive(handle);
    *version = 3020;
  });
}

CUresult CUDAAPI cuCtxGetLimit(size_t* value, CUlimit limit) {
  return in_context([&](Context& context) {
    require(value != nullptr);
    const auto found = context.limits.find(limit);
    require(found != context.limits.end(), CUDA_ERROR_UNSUPPORTED_LIMIT);
    *value = found->second;
  });
}

CUresult CUDAAPI cuCtxSetLimit(CUlimit limit, size_t value) {
  return in_context([&](Context& context) {
    const auto found = context.limits.find(limit);
    require(found != context.limits.end(), CUDA_ERROR_UNSUPPORTED_LIMIT);
    found->second = value;
  });
}

CUresult CUDAAPI cuCtxGetStreamPriorityRange(int* least, int* greatest) {
  return in_context([&](Context&) {
    if (least != nullptr) *least = 0;
    if (greatest != nullptr) *greatest = -5;
  });
}

CUresult CUDAAPI cuDevicePrimaryCtxRetain(CUcontext* result, CUdevice device) {
  return initialized([&] {
    require(result != nullptr);
    require_device(device);
    std::shared_ptr<Context>& primary = driver().primary;
    if (!primary->alive) begin(*primary);
    ++primary->references;
    *result = primary->handle;
  });
}

CUresult CUDAAPI cuDevicePrimaryCtxRelease(CUdevice device) {
  return initialized([&] {
    require_device(device);
    Context& primary = *driver().primary;
    require(primary.references > 0, CUDA_ERROR_INVALID_CONTEXT);
    if (--primary.references == 0 && primary.alive) end(primary);
  });
}

// Does not release it: who retained it before still has to.
CUresult CUDAAPI cuDevicePrimaryCtxReset(CUdevice device) {
  return initialized([&] {
    require_device(device);
    if (driver().primary->alive) end(*driver().primary);
  });
}

CUresult CUDAAPI cuDevicePrimaryCtxSetFlags(CUdevice device, unsigned flags) {
  return initialized([&] {
    require_device(device);
    driver().primary->flags = flags;
  });
}

CUresult CUDAAPI cuDevicePrimaryCtxGetState(CUdevice device, unsigned* flags, int* active) {
  return initialized([&] {
    require_device(device);
    require(flags != nullptr && active != nullptr);
    *flags = driver().primary->flags;
    *active = driver().primary->alive;
  });
}
}
