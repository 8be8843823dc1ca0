// Modules, functions, launches of kernels.
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "driver_test.h"

namespace driver_test {

namespace {

CUmodule load(const std::string& name) {
  CUmodule module;
  OK(cuModuleLoadData(&module, read_file(name).c_str()));
  return module;
}

CUfunction function(CUmodule module, const char* name) {
  CUfunction result;
  OK(cuModuleGetFunction(&result, module, name));
  return result;
}

constexpr int kCount = 1000;

std::string text_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

CUdeviceptr allocate_floats(float value) {
  const CUdeviceptr address = allocate(kCount * sizeof(float));
  const std::vector<float> values(kCount, value);
  OK(cuMemcpyHtoD(address, values.data(), kCount * sizeof(float)));
  return address;
}

CUresult launch_add(CUfunction add, CUdeviceptr y, CUdeviceptr x, float a, CUstream stream = nullptr) {
  long long count = kCount;
  void* parameters[] = {&y, &x, &a, &count};
  return cuLaunchKernel(add, 3, 1, 1, 64, 1, 1, 0, stream, parameters, nullptr);
}

// y is 1 everywhere, x is 2, a is `scale`.
void require_sum(CUdeviceptr y, float scale, int times = 1) {
  std::vector<float> found(kCount);
  OK(cuMemcpyDtoH(found.data(), y, kCount * sizeof(float)));
  for (int i = 0; i < kCount; ++i) {
    const float bias = 0.5f + static_cast<float>(i & 3);
    CHECK(found[i] == 1 + static_cast<float>(times) * (scale * 2 + bias));
  }
}

void require_runs(CUmodule module) {
  const CUdeviceptr y = allocate_floats(1), x = allocate_floats(2);
  OK(launch_add(function(module, "add"), y, x, 4));
  require_sum(y, 4);
  OK(cuMemFree(y));
  OK(cuMemFree(x));
  OK(cuModuleUnload(module));
}

void ptx_is_loaded_and_run() {
  const Device device;
  require_runs(load("driver_test_kernels.ptx"));
}

void fatbins_are_loaded_packed_or_not() {
  const Device device;
  require_runs(load("driver_test_kernels_none.fatbin"));
  require_runs(load("driver_test_kernels_speed.fatbin"));
  CUmodule module;
  OK(cuModuleLoad(&module, file("driver_test_kernels_none.fatbin").c_str()));
  require_runs(module);
  const std::string image = read_file("driver_test_kernels_none.fatbin");
  struct {
    int magic = 0x466243b1, version = 1;
    const void* data;
    void* unused = nullptr;
  } wrapper;
  wrapper.data = image.data();
  OK(cuModuleLoadFatBinary(&module, &wrapper));
  require_runs(module);
}

void what_cannot_be_loaded_is_refused_with_the_reason() {
  const std::string text = standard_error_of([] {
    const Device device;
    CUmodule module;
    CHECK_CODE(cuModuleLoadData(&module, read_file("driver_test_kernels_size.fatbin").c_str()),
               CUDA_ERROR_INVALID_IMAGE);
    CHECK_CODE(cuModuleLoadData(&module, read_file("driver_test_kernels_newer.fatbin").c_str()),
               CUDA_ERROR_NO_BINARY_FOR_GPU);
    CHECK_CODE(cuModuleLoadData(&module, "no PTX"), CUDA_ERROR_INVALID_PTX);
    CHECK_CODE(cuModuleLoadData(&module, ".version 8.0\n.target sm_100\n.address_size 64\n"), CUDA_ERROR_INVALID_PTX);
    CHECK_CODE(cuModuleLoadData(&module, "\x7f""ELF and more"), CUDA_ERROR_NO_BINARY_FOR_GPU);
    CHECK_CODE(cuModuleLoadData(&module, nullptr), CUDA_ERROR_INVALID_VALUE);
    CHECK_CODE(cuModuleLoad(&module, "no such file"), CUDA_ERROR_FILE_NOT_FOUND);
    std::string damaged = read_file("driver_test_kernels_speed.fatbin");
    damaged.replace(300, 100, 100, '\xff');
    CHECK_CODE(cuModuleLoadData(&module, damaged.c_str()), CUDA_ERROR_INVALID_IMAGE);
  });
  CHECK(contains(text, "zstd") && contains(text, "no PTX for architectures up to sm_90"));
  CHECK(contains(text, "the PTX is for sm_100, the device has sm_90"));
}

void an_error_in_ptx_is_written_to_the_callers_log() {
  standard_error_of([] {
    const Device device;
    CUmodule module;
    char log[200] = {};
    CUjit_option options[] = {CU_JIT_ERROR_LOG_BUFFER, CU_JIT_ERROR_LOG_BUFFER_SIZE_BYTES};
    void* values[] = {log, reinterpret_cast<void*>(sizeof log)};
    const char* wrong = ".version 8.0\n.target sm_80\n.address_size 64\nbogus nonsense\n";
    CHECK_CODE(cuModuleLoadDataEx(&module, wrong, 2, options, values), CUDA_ERROR_INVALID_PTX);
    CHECK(std::strlen(log) > 0 && reinterpret_cast<size_t>(values[1]) == std::strlen(log));
  });
}

void variables_keep_their_values() {
  const Device device;
  const CUmodule module = load("driver_test_kernels.ptx");
  CUdeviceptr counter, unknown;
  size_t bytes;
  OK(cuModuleGetGlobal(&counter, &bytes, module, "counter"));
  CHECK(bytes == 4 && peek(counter) == 7);
  CHECK_CODE(cuModuleGetGlobal(&unknown, &bytes, module, "no such variable"), CUDA_ERROR_NOT_FOUND);
  CUdeviceptr value = allocate(4);
  CHECK(dn_software_cuda_count("live_bytes") == 4);
  void* parameters[] = {&value};
  for (int i = 0; i < 2; ++i) {
    OK(cuLaunchKernel(function(module, "count"), 1, 1, 1, 32, 1, 1, 0, nullptr, parameters, nullptr));
  }
  OK(cuCtxSynchronize());
  CHECK(peek(value) == 8 && peek(counter) == 9);
  OK(cuMemFree(value));
  OK(cuModuleUnload(module));
  CHECK(dn_software_cuda_at(counter, 4) == nullptr && dn_software_cuda_count("modules") == 0);
}

void parameters_are_copied_at_the_launch() {
  const Device device;
  const CUmodule module = load("driver_test_kernels.ptx");
  const CUfunction add = function(module, "add");
  const CUdeviceptr y = allocate_floats(1), x = allocate_floats(2);
  struct {
    CUdeviceptr y, x;
    float a;
    long long count;
  } packed{y, x, 4, kCount};
  size_t bytes = sizeof packed;
  void* extra[] = {CU_LAUNCH_PARAM_BUFFER_POINTER, &packed, CU_LAUNCH_PARAM_BUFFER_SIZE, &bytes, CU_LAUNCH_PARAM_END};
  OK(cuLaunchKernel(add, 3, 1, 1, 64, 1, 1, 0, nullptr, nullptr, extra));
  packed.a = 100;
  require_sum(y, 4);
  bytes = 31;
  CHECK_CODE(cuLaunchKernel(add, 3, 1, 1, 64, 1, 1, 0, nullptr, nullptr, extra), CUDA_ERROR_INVALID_VALUE);
  OK(cuMemFree(y));
  OK(cuMemFree(x));
  OK(cuModuleUnload(module));
}

void recorded_launches_are_written_down_and_not_run() {
  const Device device;
  const CUmodule module = load("driver_test_kernels.ptx");
  const CUdeviceptr y = allocate_floats(1), x = allocate_floats(2);
  char folder[] = "/tmp/recordXXXXXX";
  CHECK(mkdtemp(folder) != nullptr);
  const std::string launches = std::string(folder) + "/launches", memory = std::string(folder) + "/memory";
  CHECK(dn_software_cuda_set("record", folder) == 0);
  OK(launch_add(function(module, "add"), y, x, 4));
  OK(cuCtxSynchronize());
  const std::string line = text_of(launches), pages = text_of(memory);
  std::remove(launches.c_str());
  std::remove(memory.c_str());
  CHECK(rmdir(folder) == 0);
  CHECK(line.rfind("add 3 1 1 64 1 1 0 ", 0) == 0);
  CHECK(contains(line, "0000804000000000" "e803000000000000\n"));  // a, its padding, count
  uint64_t header[2];
  CHECK(pages.size() > sizeof header);
  std::memcpy(header, pages.data(), sizeof header);
  CHECK(header[0] == y && header[1] == kCount * sizeof(float));
  std::vector<float> now(kCount);
  OK(cuMemcpyDtoH(now.data(), y, kCount * sizeof(float)));
  CHECK(now == std::vector<float>(kCount, 1));
  OK(cuMemFree(y));
  OK(cuMemFree(x));
  OK(cuModuleUnload(module));
}

void launches_that_no_gpu_could_run_are_refused() {
  const Device device;
  const CUmodule module = load("driver_test_kernels.ptx");
  const CUfunction reverse = function(module, "reverse");
  CUdeviceptr values = allocate(64 * 4);
  void* parameters[] = {&values};
  void* missing[] = {nullptr};
  const auto launch = [&](unsigned grid, unsigned block, unsigned shared, void** from) {
    return cuLaunchKernel(reverse, grid, 1, 1, block, 1, 1, shared, nullptr, from, nullptr);
  };
  CHECK_CODE(launch(0, 64, 256, parameters), CUDA_ERROR_INVALID_VALUE);
  CHECK_CODE(launch(1, 0, 256, parameters), CUDA_ERROR_INVALID_VALUE);
  CHECK_CODE(launch(1, 1025, 256, parameters), CUDA_ERROR_INVALID_VALUE);
  CHECK_CODE(launch(1, 65, 256, parameters), CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES);
  CHECK_CODE(launch(1, 64, 48 * 1024 + 1, parameters), CUDA_ERROR_INVALID_VALUE);
  CHECK_CODE(launch(1, 64, 256, nullptr), CUDA_ERROR_INVALID_VALUE);
  CHECK_CODE(launch(1, 64, 256, missing), CUDA_ERROR_INVALID_VALUE);
  CHECK_CODE(cuLaunchKernel(reverse, 1, 70000, 1, 64, 1, 1, 256, nullptr, parameters, nullptr),
             CUDA_ERROR_INVALID_VALUE);
  CHECK_CODE(cuFuncSetAttribute(reverse, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 227 * 1024 + 1),
             CUDA_ERROR_INVALID_VALUE);
  CHECK(dn_software_cuda_set("block_shared", "101376") == 0);
  CHECK_CODE(cuFuncSetAttribute(reverse, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 99 * 1024 + 1),
             CUDA_ERROR_INVALID_VALUE);
  OK(cuFuncSetAttribute(reverse, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 99 * 1024));
  CHECK(dn_software_cuda_set("block_shared", "232448") == 0);
  OK(cuFuncSetAttribute(reverse, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, 227 * 1024));
  int32_t numbers[64];
  for (int32_t i = 0; i < 64; ++i) numbers[i] = i;
  OK(cuMemcpyHtoD(values, numbers, sizeof numbers));
  OK(launch(1, 64, 227 * 1024, parameters));
  OK(cuMemcpyDtoH(numbers, values, sizeof numbers));
  CHECK(numbers[0] == 63 && numbers[63] == 0);
  CUfunction unknown;
  CHECK_CODE(cuModuleGetFunction(&unknown, module, "no such function"), CUDA_ERROR_NOT_FOUND);
  OK(cuMemFree(values));
  OK(cuModuleUnload(module));
  CHECK_CODE(launch(1, 64, 256, parameters), CUDA_ERROR_INVALID_HANDLE);
}

void functions_are_described() {
  const Device device;
  const CUmodule module = load("driver_test_kernels.ptx");
  const CUfunction reverse = function(module, "reverse"), add = function(module, "add");
  CHECK(function(module, "add") == add);
  int value, grid, block;
  OK(cuFuncGetAttribute(&value, CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK, reverse));
  CHECK(value == 64);
  OK(cuFuncGetAttribute(&value, CU_FUNC_ATTRIBUTE_BINARY_VERSION, reverse));
  CHECK(value == 90);
  OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&value, add, 256, 0));
  CHECK(value == 8);
  OK(cuOccupancyMaxActiveBlocksPerMultiprocessor(&value, add, 256, 100 * 1024));
  CHECK(value == 2);
  OK(cuOccupancyMaxPotentialBlockSize(&grid, &block, add, nullptr, 0, 0));
  CHECK(block == 1024 && grid == 264);
  OK(cuModuleUnload(module));
}

void a_fault_of_a_kernel_loses_the_context() {
  const std::string text = standard_error_of([] {
    const Device device;
    const CUmodule module = load("driver_test_kernels.ptx");
    const CUdeviceptr y = allocate_floats(1), little = allocate(8);
    OK(launch_add(function(module, "add"), y, little, 1));
    CHECK_CODE(cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS);
    CHECK_CODE(cuModuleUnload(module), CUDA_ERROR_ILLEGAL_ADDRESS);
  });
  CHECK(contains(text, "CUDA_ERROR_ILLEGAL_ADDRESS") && contains(text, "add"));
  standard_error_of([] {
    const Device device;
    const CUfunction trap = function(load("driver_test_kernels.ptx"), "trap");
    OK(cuLaunchKernel(trap, 1, 1, 1, 1, 1, 1, 0, nullptr, nullptr, nullptr));
    CHECK_CODE(cuCtxSynchronize(), CUDA_ERROR_LAUNCH_FAILED);
  });
}

void a_kernel_that_does_not_end_loses_the_context() {
  const std::string text = standard_error_of([] {
    const Device device;
    CHECK(dn_software_cuda_set("instructions", "1000000") == 0);
    CUdeviceptr flag = allocate_value(1);
    void* parameters[] = {&flag};
    const CUfunction spin = function(load("driver_test_kernels.ptx"), "spin");
    OK(cuLaunchKernel(spin, 100, 1, 1, 64, 1, 1, 0, nullptr, parameters, nullptr));
    OK(cuCtxSynchronize());
    OK(cuMemsetD32(flag, 0, 1));
    OK(cuLaunchKernel(spin, 100, 1, 1, 64, 1, 1, 0, nullptr, parameters, nullptr));
    CHECK_CODE(cuCtxSynchronize(), CUDA_ERROR_LAUNCH_TIMEOUT);
    CHECK_CODE(cuMemFree(flag), CUDA_ERROR_LAUNCH_TIMEOUT);
  });
  CHECK(contains(text, "the context is lost with CUDA_ERROR_LAUNCH_TIMEOUT: kernel spin, PTX line "));
  CHECK(contains(text, "the launch does not end within 1000000 instructions"));
}

void kernels_are_captured_replayed_and_changed() {
  const Device device;
  const CUmodule module = load("driver_test_kernels.ptx");
  const CUdeviceptr y = allocate_floats(1), x = allocate_floats(2);
  CUstream stream;
  OK(cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING));
  OK(cuStreamBeginCapture(stream, CU_STREAM_CAPTURE_MODE_GLOBAL));
  OK(launch_add(function(module, "add"), y, x, 4, stream));
  CUgraph graph;
  OK(cuStreamEndCapture(stream, &graph));
  CUgraphExec executable;
  OK(cuGraphInstantiate(&executable, graph, 0));
  for (int i = 0; i < 3; ++i) OK(cuGraphLaunch(executable, stream));
  OK(cuStreamSynchronize(stream));
  require_sum(y, 4, 3);
  CUgraphNode node;
  size_t count = 1;
  OK(cuGraphGetNodes(graph, &node, &count));
  CUDA_KERNEL_NODE_PARAMS parameters;
  OK(cuGraphKernelNodeGetParams(node, &parameters));
  CHECK(parameters.gridDimX == 3 && parameters.blockDimX == 64);
  float scale = 8;
  void* changed[] = {parameters.kernelParams[0], parameters.kernelParams[1], &scale, parameters.kernelParams[3]};
  parameters.kernelParams = changed;
  OK(cuMemsetD32(y, 0x3f800000, kCount));
  OK(cuCtxSynchronize());
  OK(cuGraphLaunch(executable, stream));
  OK(cuGraphExecKernelNodeSetParams(executable, node, &parameters));
  OK(cuStreamSynchronize(stream));
  require_sum(y, 4);
  OK(cuMemsetD32(y, 0x3f800000, kCount));
  OK(cuCtxSynchronize());
  OK(cuGraphLaunch(executable, stream));
  OK(cuStreamSynchronize(stream));
  require_sum(y, 8);
  OK(cuGraphExecDestroy(executable));
  OK(cuGraphDestroy(graph));
  OK(cuStreamDestroy(stream));
  OK(cuMemFree(x));
  OK(cuMemFree(y));
  OK(cuModuleUnload(module));
}

}  // namespace

std::vector<Test> module_tests() {
  return {{"ptx_is_loaded_and_run", ptx_is_loaded_and_run},
          {"fatbins_are_loaded_packed_or_not", fatbins_are_loaded_packed_or_not},
          {"what_cannot_be_loaded_is_refused_with_the_reason", what_cannot_be_loaded_is_refused_with_the_reason},
          {"an_error_in_ptx_is_written_to_the_callers_log", an_error_in_ptx_is_written_to_the_callers_log},
          {"variables_keep_their_values", variables_keep_their_values},
          {"parameters_are_copied_at_the_launch", parameters_are_copied_at_the_launch},
          {"recorded_launches_are_written_down_and_not_run", recorded_launches_are_written_down_and_not_run},
          {"launches_that_no_gpu_could_run_are_refused", launches_that_no_gpu_could_run_are_refused},
          {"functions_are_described", functions_are_described},
          {"a_fault_of_a_kernel_loses_the_context", a_fault_of_a_kernel_loses_the_context},
          {"a_kernel_that_does_not_end_loses_the_context", a_kernel_that_does_not_end_loses_the_context},
          {"kernels_are_captured_replayed_and_changed", kernels_are_captured_replayed_and_changed}};
}

}  // namespace driver_test
