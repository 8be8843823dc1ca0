// Launches: of kernels, of host functions, of what libraries do instead of kernels.
#include <cstddef>
#include <cstring>

#include "densenet4j_software_cuda.h"
#include "device.h"
#include "driver.h"

namespace software_cuda {

namespace {

uint64_t product(const Dimensions& dimensions) { return uint64_t{dimensions.x} * dimensions.y * dimensions.z; }

void check_geometry(const Function& function, const Geometry& geometry) {
  const Dimensions &grid = geometry.grid, &block = geometry.block;
  require(grid.x >= 1 && grid.y >= 1 && grid.z >= 1 && block.x >= 1 && block.y >= 1 && block.z >= 1);
  require(grid.x <= device::kGridX && grid.y <= device::kGridY && grid.z <= device::kGridZ);
  require(block.x <= device::kBlockX && block.y <= device::kBlockY && block.z <= device::kBlockZ);
  require(product(block) <= device::kBlockThreads);
  require(product(block) <= function.kernel->max_threads(), CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES);
  require(geometry.dynamic_shared_bytes <= function.dynamic_shared_limit);
}

// The buffer of the form `extra`: key, value, ..., end.
void read_extra(void** extra, std::vector<std::byte>* parameters) {
  const void* buffer = nullptr;
  size_t bytes = 0;
  for (; *extra != CU_LAUNCH_PARAM_END; extra += 2) {
    require(extra[1] != nullptr);
    if (*extra == CU_LAUNCH_PARAM_BUFFER_POINTER) {
      buffer = extra[1];
    } else if (*extra == CU_LAUNCH_PARAM_BUFFER_SIZE) {
      bytes = *static_cast<size_t*>(extra[1]);
    } else {
      throw Failure(CUDA_ERROR_INVALID_VALUE);
    }
  }
  require(bytes == parameters->size() && (bytes == 0 || buffer != nullptr));
  if (bytes > 0) std::memcpy(parameters->data(), buffer, bytes);
}

std::vector<std::byte> read_parameters(const Kernel& kernel, void** parameters, void** extra) {
  std::vector<std::byte> packed(kernel.parameter_bytes());
  require(parameters == nullptr || extra == nullptr);
  if (extra != nullptr) {
    read_extra(extra, &packed);
    return packed;
  }
  require(parameters != nullptr || kernel.parameters().empty());
  for (size_t i = 0; i < kernel.parameters().size(); ++i) {
    const Parameter& each = kernel.parameters()[i];
    require(parameters[i] != nullptr);
    std::memcpy(packed.data() + each.offset, parameters[i], each.bytes);
  }
  return packed;
}

// What LaunchKernelEx.java writes.
static_assert(sizeof(CUlaunchConfig) == 56 && offsetof(CUlaunchConfig, blockDimX) == 12 &&
              offsetof(CUlaunchConfig, sharedMemBytes) == 24 && offsetof(CUlaunchConfig, hStream) == 32 &&
              offsetof(CUlaunchConfig, attrs) == 40 && offsetof(CUlaunchConfig, numAttrs) == 48);
static_assert(sizeof(CUlaunchAttribute) == 72 && offsetof(CUlaunchAttribute, value) == 8);

// Whether a kernel may begin before the one before it has ended. It never does here, where kernels run one by one.
bool programmatic(const CUlaunchConfig& config) {
  bool allowed = false;
  for (unsigned i = 0; i < config.numAttrs; ++i) {
    const CUlaunchAttribute& each = config.attrs[i];
    if (each.id == CU_LAUNCH_ATTRIBUTE_IGNORE) continue;
    require(each.id == CU_LAUNCH_ATTRIBUTE_PROGRAMMATIC_STREAM_SERIALIZATION &&
                dn_software_cuda_refused("programmatic_launch") < 0,
            CUDA_ERROR_NOT_SUPPORTED);
    allowed = each.value.programmaticStreamSerializationAllowed != 0;
  }
  return allowed;
}

void launch(Context& context, CUfunction function, const Geometry& geometry, CUstream stream, void** parameters,
            void** extra) {
  KernelCall call = kernel_call(function, geometry, parameters, extra);
  require(call.function->context == &context, CUDA_ERROR_INVALID_HANDLE);
  enqueue(context, stream_of(context, stream), std::move(call));
}

}  // namespace

KernelCall kernel_call(CUfunction handle, const Geometry& geometry, void** parameters, void** extra) {
  const auto function = driver().functions.get(handle);
  check_geometry(*function, geometry);
  return {function, geometry.grid, geometry.block, geometry.dynamic_shared_bytes,
          read_parameters(*function->kernel, parameters, extra)};
}

KernelCall kernel_call(const CUDA_KERNEL_NODE_PARAMS& p) {
  require(p.func != nullptr || p.kern == nullptr, CUDA_ERROR_NOT_SUPPORTED);
  const Dimensions grid{p.gridDimX, p.gridDimY, p.gridDimZ}, block{p.blockDimX, p.blockDimY, p.blockDimZ};
  const Geometry geometry{grid, block, p.sharedMemBytes};
  return kernel_call(p.func, geometry, p.kernelParams, p.extra);
}

}  // namespace software_cuda

using namespace software_cuda;

extern "C" {

CUresult CUDAAPI cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z,
                                unsigned block_x, unsigned block_y, unsigned block_z, unsigned shared_bytes,
                                CUstream stream, void** parameters, void** extra) {
  return in_context([&](Context& context) {
    const Geometry geometry{{grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared_bytes};
    launch(context, function, geometry, stream, parameters, extra);
  });
}

CUresult CUDAAPI cuLaunchKernelEx(const CUlaunchConfig* config, CUfunction function, void** parameters, void** extra) {
  return in_context([&](Context& context) {
    require(config != nullptr && (config->attrs != nullptr || config->numAttrs == 0));
    const CUlaunchConfig& c = *config;
    const bool early = programmatic(c);
    const Dimensions grid{c.gridDimX, c.gridDimY, c.gridDimZ}, block{c.blockDimX, c.blockDimY, c.blockDimZ};
    launch(context, function, {grid, block, c.sharedMemBytes}, c.hStream, parameters, extra);
    if (early) ++driver().counters.programmatic_launches;
  });
}

CUresult CUDAAPI cuLaunchHostFunc(CUstream stream, CUhostFn function, void* data) {
  return in_context([&](Context& context) {
    require(function != nullptr);
    enqueue(context, stream_of(context, stream), HostCall{function, data});
  });
}

int dn_software_cuda_launch(void* stream, const char* name, int (*run)(const void* arguments), const void* arguments,
                            size_t bytes) {
  return in_context([&](Context& context) {
    require(name != nullptr && run != nullptr && (arguments != nullptr || bytes == 0));
    const auto* first = static_cast<const std::byte*>(arguments);
    LibraryCall call{name, run, {}};
    if (bytes > 0) call.arguments.assign(first, first + bytes);
    enqueue(context, stream_of(context, static_cast<CUstream>(stream)), std::move(call));
  });
}
}
