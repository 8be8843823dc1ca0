// Modules.
#include "module.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <iterator>

#include "device.h"
#include "driver.h"
#include "fatbin.h"

namespace software_cuda {

namespace {

// More than a process has of its own accord.
constexpr size_t kMostDecoded = 256;

// Decoding takes longer than running most kernels, and every device loads the same modules. What has variables is not
// shared: its code knows where they lie.
std::shared_ptr<Module> decode(const std::string& ptx) {
  auto& decoded = driver().decoded;
  const auto found = decoded.find(ptx);
  if (found != decoded.end()) return found->second;
  std::shared_ptr<Module> code = parse(ptx);
  if (decoded.size() == kMostDecoded) decoded.clear();
  if (code->variables().empty()) decoded[ptx] = code;
  return code;
}

// Refuses what the device has no memory for before anything is placed.
void place_variables(LoadedModule& module, Context& context) {
  const std::vector<Variable>& variables = module.code->variables();
  uint64_t left = driver().settings.memory;
  for (const Variable& each : variables) {
    require(each.bytes <= left, CUDA_ERROR_OUT_OF_MEMORY);
    left -= each.bytes;
  }
  for (size_t i = 0; i < variables.size(); ++i) {
    const Variable& each = variables[i];
    const uint64_t bytes = std::max<uint64_t>(1, each.bytes);
    const Allocation& place = driver().memory.allocate(MemoryKind::kModule, bytes, &context);
    std::memset(place.host, 0, place.bytes);
    if (!each.initial.empty()) std::memcpy(place.host, each.initial.data(), each.initial.size());
    module.code->place(i, place.address);
    module.variables[each.name] = {place.address, each.bytes};
  }
}

CUmodule load(Context& context, const void* image, uint64_t most = kSizeUnknown) {
  require(image != nullptr);
  refuse_unsafe();
  const auto refused = driver().settings.refuse.find("module");
  if (refused != driver().settings.refuse.end()) {
    throw Failure(static_cast<CUresult>(refused->second), "modules are refused because the setting refuse asks for it");
  }
  auto module = std::make_shared<LoadedModule>();
  module->context = &context;
  const std::string ptx = ptx_of_image(image, device::kMajor * 10 + device::kMinor, most);
  try {
    module->code = decode(ptx);
  } catch (const PtxError& error) {
    throw Failure(CUDA_ERROR_INVALID_PTX, error.what());
  }
  place_variables(*module, context);
  return driver().modules.add(module);
}

// Writes why a module could not be loaded where the options of cuModuleLoadDataEx want it.
class JitLog {
 public:
  JitLog(unsigned count, const CUjit_option* options, void** values) {
    for (unsigned i = 0; i < count; ++i) {
      if (options[i] == CU_JIT_ERROR_LOG_BUFFER) text_ = static_cast<char*>(values[i]);
      // In: how much there is room for, in the pointer itself; out: how much was written.
      if (options[i] == CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES) size_ = &values[i];
    }
  }

  void write(const std::string& why) const {
    if (size_ == nullptr) return;
    const size_t room = reinterpret_cast<uintptr_t>(*size_) & 0xffffffffu;
    const size_t length = text_ == nullptr || room == 0 ? 0 : std::min(room - 1, why.size());
    if (length > 0) {
      std::memcpy(text_, why.data(), length);
      text_[length] = '\0';
    }
    *size_ = reinterpret_cast<void*>(length);
  }

 private:
  char* text_ = nullptr;
  void** size_ = nullptr;
};

CUfunction function_of(const std::shared_ptr<LoadedModule>& module, const std::string& name) {
  const auto known = module->functions.find(name);
  if (known != module->functions.end()) return known->second;
  const Kernel* kernel = module->code->kernel(name);
  require(kernel != nullptr, CUDA_ERROR_NOT_FOUND);
  auto function = std::make_shared<Function>();
  function->context = module->context;
  function->module = module;
  function->kernel = kernel;
  const uint32_t used = kernel->static_shared_bytes();
  function->dynamic_shared_limit = used < device::kStaticShared ? device::kStaticShared - used : 0;
  return module->functions[name] = driver().functions.add(function);
}

}  // namespace

void unload(LoadedModule& module) {
  module.unloaded = true;
  for (const auto& each : module.functions) driver().functions.remove(each.second);
  for (const auto& each : module.variables) driver().memory.release(each.second.address);
  driver().modules.remove(module.handle);
}

}  // namespace software_cuda

using namespace software_cuda;

extern "C" {

CUresult CUDAAPI cuModuleLoadData(CUmodule* result, const void* image) {
  return in_context([&](Context& context) {
    require(result != nullptr);
    *result = load(context, image);
  });
}

CUresult CUDAAPI cuModuleLoadFatBinary(CUmodule* result, const void* image) { return cuModuleLoadData(result, image); }

CUresult CUDAAPI cuModuleLoadDataEx(CUmodule* result, const void* image, unsigned count, CUjit_option* options,
                                    void** values) {
  return in_context([&](Context& context) {
    require(result != nullptr && (count == 0 || (options != nullptr && values != nullptr)));
    const JitLog log(count, options, values);
    try {
      *result = load(context, image);
      log.write("");
    } catch (const Failure& failure) {
      log.write(failure.what());
      throw;
    }
  });
}

CUresult CUDAAPI cuModuleLoad(CUmodule* result, const char* path) {
  return in_context([&](Context& context) {
    require(result != nullptr && path != nullptr);
    std::ifstream file(path, std::ios::binary);
    require(file.good(), CUDA_ERROR_FILE_NOT_FOUND);
    std::string image{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    *result = load(context, image.data(), image.size());
  });
}

CUresult CUDAAPI cuModuleUnload(CUmodule handle) {
  return in_context([&](Context& context) {
    const auto module = driver().modules.get(handle);
    refuse_unsafe();
    synchronize(context);
    unload(*module);
  });
}

CUresult CUDAAPI cuModuleGetLoadingMode(CUmoduleLoadingMode* mode) {
  return initialized([&] {
    require(mode != nullptr);
    *mode = CU_MODULE_EAGER_LOADING;
  });
}

CUresult CUDAAPI cuModuleGetFunction(CUfunction* result, CUmodule handle, const char* name) {
  return in_context([&](Context&) {
    require(result != nullptr && name != nullptr);
    *result = function_of(driver().modules.get(handle), name);
  });
}

CUresult CUDAAPI cuModuleGetGlobal(CUdeviceptr* address, size_t* bytes, CUmodule handle, const char* name) {
  return in_context([&](Context&) {
    require(name != nullptr && (address != nullptr || bytes != nullptr));
    const auto module = driver().modules.get(handle);
    const auto found = module->variables.find(name);
    require(found != module->variables.end(), CUDA_ERROR_NOT_FOUND);
    if (address != nullptr) *address = found->second.address;
    if (bytes != nullptr) *bytes = found->second.bytes;
  });
}
}
