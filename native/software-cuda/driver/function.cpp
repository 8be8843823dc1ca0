// What a caller may ask about a function, and how many blocks of it fit a multiprocessor.
#include <algorithm>

#include "device.h"
#include "driver.h"

using namespace software_cuda;

namespace {

// The interpreter has no registers to count: what an ordinary kernel needs of a GPU's.
constexpr uint32_t kRegistersPerThread = 32;

int attribute(const Function& function, CUfunction_attribute which) {
  const Kernel& kernel = *function.kernel;
  switch (which) {
    case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: return static_cast<int>(kernel.max_threads());
    case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES: return static_cast<int>(kernel.static_shared_bytes());
    case CU_FUNC_ATTRIBUTE_CONST_SIZE_BYTES: return 0;
    case CU_FUNC_ATTRIBUTE_LOCAL_SIZE_BYTES: return static_cast<int>(kernel.local_bytes());
    case CU_FUNC_ATTRIBUTE_NUM_REGS: return kRegistersPerThread;
    case CU_FUNC_ATTRIBUTE_PTX_VERSION:
    case CU_FUNC_ATTRIBUTE_BINARY_VERSION: return device::kMajor * 10 + device::kMinor;
    case CU_FUNC_ATTRIBUTE_CACHE_MODE_CA: return 0;
    case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES: return static_cast<int>(function.dynamic_shared_limit);
    case CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT: return function.carveout;
    case CU_FUNC_ATTRIBUTE_CLUSTER_SIZE_MUST_BE_SET:
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_WIDTH:
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_HEIGHT:
    case CU_FUNC_ATTRIBUTE_REQUIRED_CLUSTER_DEPTH:
    case CU_FUNC_ATTRIBUTE_NON_PORTABLE_CLUSTER_SIZE_ALLOWED:
    case CU_FUNC_ATTRIBUTE_CLUSTER_SCHEDULING_POLICY_PREFERENCE: return 0;
    default: throw Failure(CUDA_ERROR_INVALID_VALUE);
  }
}

void set_attribute(Function& function, CUfunction_attribute which, int value) {
  if (which == CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES) {
    const uint32_t used = function.kernel->static_shared_bytes();
    require(value >= 0 && static_cast<uint32_t>(value) + used <= driver().settings.block_shared);
    function.dynamic_shared_limit = static_cast<uint32_t>(value);
  } else if (which == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT) {
    require(value >= -1 && value <= 100);
    function.carveout = value;
  } else {
    throw Failure(CUDA_ERROR_NOT_SUPPORTED, "function attribute " + std::to_string(which) + " cannot be set");
  }
}

// Blocks of a function that a multiprocessor holds at a time.
int blocks(const Function& function, int block_threads, size_t dynamic_shared_bytes) {
  require(block_threads > 0);
  if (static_cast<uint32_t>(block_threads) > function.kernel->max_threads()) return 0;
  const uint64_t shared = function.kernel->static_shared_bytes() + dynamic_shared_bytes;
  if (shared > driver().settings.block_shared) return 0;
  const uint32_t warps = (static_cast<uint32_t>(block_threads) + device::kWarp - 1) / device::kWarp;
  const uint64_t by_threads = device::kThreads / (warps * device::kWarp);
  const uint64_t by_registers = device::kRegisters / (warps * device::kWarp * kRegistersPerThread);
  const uint64_t by_shared = multiprocessor_shared() / (shared + device::kReservedShared);
  return static_cast<int>(std::min({uint64_t{device::kBlocks}, by_threads, by_registers, by_shared}));
}

}  // namespace

extern "C" {

CUresult CUDAAPI cuFuncGetAttribute(int* value, CUfunction_attribute which, CUfunction handle) {
  return in_context([&](Context&) {
    require(value != nullptr);
    *value = attribute(*driver().functions.get(handle), which);
  });
}

CUresult CUDAAPI cuFuncSetAttribute(CUfunction handle, CUfunction_attribute which, int value) {
  return in_context([&](Context&) { set_attribute(*driver().functions.get(handle), which, value); });
}

CUresult CUDAAPI cuFuncSetCacheConfig(CUfunction handle, CUfunc_cache) {
  return in_context([&](Context&) { driver().functions.get(handle); });
}

CUresult CUDAAPI cuFuncGetModule(CUmodule* result, CUfunction handle) {
  return in_context([&](Context&) {
    require(result != nullptr);
    *result = driver().functions.get(handle)->module->handle;
  });
}

CUresult CUDAAPI cuFuncGetName(const char** result, CUfunction handle) {
  return in_context([&](Context&) {
    require(result != nullptr);
    *result = driver().functions.get(handle)->kernel->name().c_str();
  });
}

CUresult CUDAAPI cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(int* result, CUfunction handle, int block_threads,
                                                                      size_t dynamic_shared_bytes, unsigned) {
  return in_context([&](Context&) {
    require(result != nullptr);
    *result = blocks(*driver().functions.get(handle), block_threads, dynamic_shared_bytes);
  });
}

CUresult CUDAAPI cuOccupancyMaxActiveBlocksPerMultiprocessor(int* result, CUfunction handle, int block_threads,
                                                             size_t dynamic_shared_bytes) {
  return cuOccupancyMaxActiveBlocksPerMultiprocessorWithFlags(result, handle, block_threads, dynamic_shared_bytes, 0);
}

CUresult CUDAAPI cuOccupancyMaxPotentialBlockSizeWithFlags(int* grid, int* block, CUfunction handle,
                                                           CUoccupancyB2DSize shared_of, size_t dynamic_shared_bytes,
                                                           int limit, unsigned) {
  return in_context([&](Context&) {
    require(grid != nullptr && block != nullptr && limit >= 0);
    const auto function = driver().functions.get(handle);
    int most = static_cast<int>(function->kernel->max_threads());
    if (limit > 0) most = std::min(most, limit);
    int best = 0;
    // The largest block among those with which a multiprocessor holds most threads.
    for (int threads = most; threads > 0; threads -= threads % 32 == 0 ? 32 : threads % 32) {
      const size_t shared = shared_of == nullptr ? dynamic_shared_bytes : shared_of(threads);
      const int fit = blocks(*function, threads, shared);
      if (fit * threads <= best) continue;
      best = fit * threads;
      *block = threads;
      *grid = fit * device::kMultiprocessors;
    }
    require(best > 0, CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES);
  });
}

CUresult CUDAAPI cuOccupancyMaxPotentialBlockSize(int* grid, int* block, CUfunction handle,
                                                  CUoccupancyB2DSize shared_of, size_t dynamic_shared_bytes,
                                                  int limit) {
  return cuOccupancyMaxPotentialBlockSizeWithFlags(grid, block, handle, shared_of, dynamic_shared_bytes, limit, 0);
}
}
