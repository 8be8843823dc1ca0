// Modules and their functions.
#ifndef DENSENET4J_SOFTWARE_CUDA_MODULE_H
#define DENSENET4J_SOFTWARE_CUDA_MODULE_H

#include <cuda.h>

#include <map>
#include <memory>
#include <string>

#include "../ptx/executor.h"
#include "operation.h"

namespace software_cuda {

struct Context;

struct LoadedModule {
  CUmodule handle = nullptr;
  Context* context = nullptr;
  std::shared_ptr<Module> code;
  struct Range {
    uint64_t address, bytes;
  };
  std::map<std::string, Range> variables;
  std::map<std::string, CUfunction> functions;
  bool unloaded = false;
};

struct Function {
  CUfunction handle = nullptr;
  Context* context = nullptr;
  std::shared_ptr<LoadedModule> module;
  const Kernel* kernel = nullptr;
  // Attributes that a caller may set.
  uint32_t dynamic_shared_limit = 0;
  int carveout = -1;
};

// Takes a module and its functions and variables away.
void unload(LoadedModule& module);

struct Geometry {
  Dimensions grid, block;
  uint32_t dynamic_shared_bytes;
};

// A launch with its parameters copied from either form. Throws Failure if the device could not run it.
KernelCall kernel_call(CUfunction function, const Geometry& geometry, void** parameters, void** extra);
KernelCall kernel_call(const CUDA_KERNEL_NODE_PARAMS& parameters);

}  // namespace software_cuda
#endif
