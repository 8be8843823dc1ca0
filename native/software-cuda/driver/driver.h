// All state of the driver, and the frame of every call.
#ifndef DENSENET4J_SOFTWARE_CUDA_DRIVER_H
#define DENSENET4J_SOFTWARE_CUDA_DRIVER_H

#include <cuda.h>

#include <cstdint>
#include <exception>
#include <map>
#include <memory>
#include <mutex>
#include <new>
#include <string>
#include <vector>

#include "address_space.h"
#include "capture.h"
#include "context.h"
#include "errors.h"
#include "event.h"
#include "graph.h"
#include "module.h"
#include "operation.h"
#include "registry.h"
#include "settings.h"
#include "stream.h"

namespace software_cuda {

struct Counters {
  uint64_t peak_bytes = 0, requested_bytes = 0, launches = 0, graph_launches = 0, programmatic_launches = 0;
};

struct Driver {
  std::recursive_mutex mutex;
  bool initialized = false;
  bool ended = false;
  Settings settings;
  Counters counters;
  AddressSpace memory;
  std::shared_ptr<Context> primary;
  Registry<CUcontext, Context> contexts;
  Registry<CUmodule, LoadedModule> modules;
  std::map<std::string, std::shared_ptr<Module>> decoded;  // by their text
  Registry<CUfunction, Function> functions;
  Registry<CUstream, Stream> streams;
  Registry<CUevent, Event> events;
  // Calls on graphs know no CUDA_ERROR_INVALID_HANDLE.
  Registry<CUgraph, Graph> graphs{CUDA_ERROR_INVALID_VALUE};
  Registry<CUgraphNode, Node> nodes{CUDA_ERROR_INVALID_VALUE};
  Registry<CUgraphExec, Executable> executables{CUDA_ERROR_INVALID_VALUE};
  std::vector<std::shared_ptr<Capture>> captures;
};

// Never destroyed: threads may outlive main.
Driver& driver();

// One call at a time; what the body throws becomes the call's result.
template <class Body>
CUresult guarded(Body body) noexcept {
  try {
    if (in_host_code()) return CUDA_ERROR_NOT_PERMITTED;
    const std::lock_guard<std::recursive_mutex> lock(driver().mutex);
    if (driver().ended) return CUDA_ERROR_DEINITIALIZED;
    body();
    return CUDA_SUCCESS;
  } catch (const Failure& failure) {
    if (*failure.what() != '\0') say(failure.what());
    return failure.code;
  } catch (const std::bad_alloc&) {
    return CUDA_ERROR_OUT_OF_MEMORY;
  } catch (const std::exception& unexpected) {
    say(unexpected.what());
    return CUDA_ERROR_UNKNOWN;
  }
}

// A call that needs cuInit.
template <class Body>
CUresult initialized(Body body) noexcept {
  return guarded([&] {
    require(driver().initialized, CUDA_ERROR_NOT_INITIALIZED);
    body();
  });
}

// A call that needs a current context without a sticky error.
template <class Body>
CUresult in_context(Body body) noexcept {
  return initialized([&] { body(current_context()); });
}

}  // namespace software_cuda
#endif
