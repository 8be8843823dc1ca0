// The driver as a whole.
#include "driver.h"

#include <dlfcn.h>

#include <map>

#include "densenet4j_software_cuda.h"

namespace software_cuda {

namespace {

Driver* start() {
  auto* state = new Driver();
  state->primary = std::make_shared<Context>();
  state->primary->primary = true;
  state->contexts.add(state->primary);
  return state;
}

// So that the environment is read when the library is loaded.
[[maybe_unused]] const Driver& loaded = driver();

// The exported function that a caller who was built for `version` means by a name without suffix.
void* exported(const std::string& name, int version) {
  static void* const self = dlopen("libcuda.so.1", RTLD_NOLOAD | RTLD_LAZY);
  void* const library = self == nullptr ? RTLD_DEFAULT : self;
  const auto look_up = [&](const std::string& each) { return dlsym(library, each.c_str()); };
  // These changed in 13.0; what is newest of the others serves everybody.
  static const std::map<std::string, const char*> before_13 = {{"cuCtxCreate", "_v2"},
                                                               {"cuEventElapsedTime", ""},
                                                               {"cuGraphAddDependencies", ""},
                                                               {"cuGraphGetEdges", ""},
                                                               {"cuGraphNodeGetDependencies", ""},
                                                               {"cuGraphNodeGetDependentNodes", ""},
                                                               {"cuStreamGetCaptureInfo", "_v2"}};
  const auto older = before_13.find(name);
  if (version < 13000 && older != before_13.end()) return look_up(name + older->second);
  for (const char* suffix : {"_v4", "_v3", "_v2", ""}) {
    void* found = look_up(name + suffix);
    if (found != nullptr) return found;
  }
  return nullptr;
}

}  // namespace

Driver& driver() {
  static Driver* const state = start();
  return *state;
}

}  // namespace software_cuda

using namespace software_cuda;

extern "C" {

CUresult CUDAAPI cuInit(unsigned flags) {
  return guarded([&] {
    require(flags == 0);
    const Settings& settings = driver().settings;
    if (!settings.refused.empty()) {
      throw Failure(CUDA_ERROR_INVALID_VALUE, "the environment's settings make no sense: " + settings.refused);
    }
    require(settings.devices > 0, CUDA_ERROR_NO_DEVICE);
    driver().initialized = true;
  });
}

CUresult CUDAAPI cuDriverGetVersion(int* version) {
  return guarded([&] {
    require(version != nullptr);
    *version = driver().settings.driver_version;
  });
}

CUresult CUDAAPI cuGetProcAddress_v2(const char* symbol, void** result, int version, cuuint64_t,
                                     CUdriverProcAddressQueryResult* status) {
  return guarded([&] {
    require(symbol != nullptr && result != nullptr);
    *result = exported(symbol, version);
    if (status != nullptr) {
      *status = *result == nullptr ? CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND : CU_GET_PROC_ADDRESS_SUCCESS;
    }
    require(*result != nullptr, CUDA_ERROR_NOT_FOUND);
  });
}

// The header gives this name to the newer function.
#undef cuGetProcAddress
CUresult CUDAAPI cuGetProcAddress(const char* symbol, void** result, int version, cuuint64_t flags) {
  return cuGetProcAddress_v2(symbol, result, version, flags, nullptr);
}

CUresult CUDAAPI cuProfilerStart(void) { return CUDA_SUCCESS; }

CUresult CUDAAPI cuProfilerStop(void) { return CUDA_SUCCESS; }

int dn_software_cuda_set(const char* key, const char* value) {
  const std::lock_guard<std::recursive_mutex> lock(driver().mutex);
  return key != nullptr && value != nullptr && driver().settings.set(key, value) ? 0 : 1;
}

int dn_software_cuda_refused(const char* name) {
  const std::lock_guard<std::recursive_mutex> lock(driver().mutex);
  const auto& refuse = driver().settings.refuse;
  const auto found = refuse.find(name);
  return found == refuse.end() ? -1 : found->second;
}

void* dn_software_cuda_at(uint64_t address, size_t bytes) { return driver().memory.at(address, bytes); }
}
