// Sticky errors, faults on request, guard bands, leaks.
#include <cstdio>
#include <cstring>

#include "driver_test.h"

namespace driver_test {

namespace {

// Runs this program with one argument; what it writes to stderr, and its exit code.
std::string run_self(const std::string& environment, const std::string& argument, int* code) {
  const std::string command = environment + " '" + self() + "' " + argument + " 2>&1";
  std::FILE* pipe = popen(command.c_str(), "r");
  CHECK(pipe != nullptr);
  std::string text;
  char part[256];
  while (std::fgets(part, sizeof part, pipe) != nullptr) text += part;
  *code = pclose(pipe) / 256;
  return text;
}

void a_launch_fails_on_request_and_the_context_is_lost() {
  const std::string text = standard_error_of([] {
    const Device device;
    const CUdeviceptr value = allocate_value(0);
    CHECK(dn_software_cuda_set("fail", "add:3") == 0);
    for (int i = 0; i < 4; ++i) {
      OK(enqueue_add(nullptr, value, 1));
      OK(enqueue_add(nullptr, value, 100, "other"));
    }
    CHECK_CODE(cuCtxSynchronize(), CUDA_ERROR_LAUNCH_FAILED);
    CHECK(peek(value) == 202);
    CHECK_CODE(cuCtxSynchronize(), CUDA_ERROR_LAUNCH_FAILED);
    CHECK_CODE(cuMemFree(value), CUDA_ERROR_LAUNCH_FAILED);
    CHECK_CODE(enqueue_add(nullptr, value, 1), CUDA_ERROR_LAUNCH_FAILED);
    CUstream stream;
    CHECK_CODE(cuStreamCreate(&stream, 0), CUDA_ERROR_LAUNCH_FAILED);
    OK(cuDevicePrimaryCtxReset(0));
    CUcontext context;
    OK(cuDevicePrimaryCtxRetain(&context, 0));
    OK(cuCtxSynchronize());
    CHECK(dn_software_cuda_count("live_bytes") == 0);
    OK(cuDevicePrimaryCtxRelease(0));
  });
  const std::string reason = "CUDA_ERROR_LAUNCH_FAILED: add fails because the setting fail asks for it";
  CHECK(contains(text, reason) && text.find(reason) == text.rfind(reason));
}

void the_failure_has_the_code_asked_for() {
  standard_error_of([] {
    const Device device;
    const CUdeviceptr value = allocate_value(0);
    CHECK(dn_software_cuda_set("fail", "*:2:700") == 0);
    OK(enqueue_add(nullptr, value, 1));
    OK(cuCtxSynchronize());
    OK(enqueue_add(nullptr, value, 1, "something"));
    int32_t found;
    CHECK_CODE(cuMemcpyDtoH(&found, value, 4), CUDA_ERROR_ILLEGAL_ADDRESS);
  });
}

void a_library_that_fails_loses_the_context() {
  standard_error_of([] {
    const Device device;
    CUcontext first, second;
    OK(cuCtxGetCurrent(&first));
    const auto wrong = [](const void*) { return static_cast<int>(CUDA_ERROR_MISALIGNED_ADDRESS); };
    CHECK(dn_software_cuda_launch(nullptr, "wrong", wrong, nullptr, 0) == CUDA_SUCCESS);
    CHECK_CODE(cuStreamSynchronize(nullptr), CUDA_ERROR_MISALIGNED_ADDRESS);
    OK(cuCtxCreate(&second, nullptr, 0, 0));
    OK(cuCtxSynchronize());
    OK(cuCtxDestroy(second));
    CHECK_CODE(cuCtxSynchronize(), CUDA_ERROR_MISALIGNED_ADDRESS);
  });
}

void guard_bands_are_checked() {
  const std::string text = standard_error_of([] {
    const Device device;
    const CUdeviceptr value = allocate(100);
    const auto overrun = [](const void* argument) {
      CUdeviceptr address;
      std::memcpy(&address, argument, sizeof address);
      std::memset(static_cast<char*>(dn_software_cuda_at(address, 100)) + 98, 0, 5);
      return 0;
    };
    CHECK(dn_software_cuda_launch(nullptr, "overrun", overrun, &value, sizeof value) == CUDA_SUCCESS);
    CHECK_CODE(cuCtxSynchronize(), CUDA_ERROR_ILLEGAL_ADDRESS);
  });
  CHECK(contains(text, "device allocation of 100 bytes at 0x"));
  CHECK(contains(text, "3 bytes from 0 bytes past its end were written"));
}

void pinned_memory_has_guard_bands_too() {
  const std::string text = standard_error_of([] {
    const Device device;
    void* host;
    OK(cuMemAllocHost(&host, 16));
    static_cast<char*>(host)[-1] = 0;
    CHECK_CODE(cuMemFreeHost(host), CUDA_ERROR_ILLEGAL_ADDRESS);
  });
  CHECK(contains(text, "pinned allocation of 16 bytes"));
  CHECK(contains(text, "1 bytes from 1023 bytes past 1024 bytes before its start were written"));
}

void what_is_left_is_reported() {
  const std::string text = standard_error_of([] {
    const Device device;
    allocate(1000);
    void* host;
    OK(cuMemAllocHost(&host, 50));
    CUevent event;
    OK(cuEventCreate(&event, 0));
    OK(cuEventCreate(&event, 0));
    CUgraph graph;
    OK(cuGraphCreate(&graph, 0));
  });
  CHECK(contains(text, "never freed: device allocation of 1000 bytes"));
  CHECK(contains(text, "never freed: pinned allocation of 50 bytes"));
  CHECK(contains(text, "never destroyed: 2 events") && contains(text, "never destroyed: 1 graphs"));
  CHECK(!contains(text, "streams"));
  CHECK(dn_software_cuda_count("live_bytes") == 0 && dn_software_cuda_count("events") == 0);
  CHECK(dn_software_cuda_count("host_bytes") == 0 && dn_software_cuda_count("graphs") == 0);
}

void nothing_is_reported_if_nothing_is_left() {
  const std::string text = standard_error_of([] {
    const Device device;
    OK(cuMemFree(allocate(1000)));
  });
  CHECK(text.empty());
}

void leaks_are_reported_at_exit() {
  int code;
  const std::string text = run_self("", "leak", &code);
  CHECK(code == 0);
  CHECK(contains(text, "never freed: device allocation of 12345 bytes"));
  CHECK(contains(text, "never destroyed: 1 streams"));
}

void what_a_device_may_refuse_is_refused_on_request() {
  const Device device;
  void* host;
  OK(cuMemHostAlloc(&host, 64, CU_MEMHOSTALLOC_DEVICEMAP));
  const auto pinned = reinterpret_cast<CUdeviceptr>(host);
  CHECK(dn_software_cuda_set("refuse", "pinned_memset,module:222") == 0);
  CHECK_CODE(cuMemsetD32Async(pinned, 1, 4, nullptr), CUDA_ERROR_INVALID_VALUE);
  CUmodule module;
  CHECK_CODE(cuModuleLoadData(&module, "no module at all"), CUDA_ERROR_UNSUPPORTED_PTX_VERSION);
  CHECK(dn_software_cuda_refused("module") == 222 && dn_software_cuda_refused("pinned_memset") == 0);
  CHECK(dn_software_cuda_refused("modules") == -1);
  const CUdeviceptr value = allocate_value(0);
  OK(cuMemsetD32Async(value, 1, 1, nullptr));
  for (const char* wrong : {":5", "module:x", "module:1000"}) CHECK(dn_software_cuda_set("refuse", wrong) == 1);
  CHECK(dn_software_cuda_set("refuse", "") == 0);
  OK(cuMemsetD32Async(pinned, 1, 4, nullptr));
  OK(cuCtxSynchronize());
  OK(cuMemFree(value));
  OK(cuMemFreeHost(host));
}

void the_environment_has_settings() {
  int code;
  const std::string none = run_self("DENSENET4J_SOFTWARE_CUDA_DEVICES=0", "init", &code);
  CHECK(code == CUDA_ERROR_NO_DEVICE && none.empty());
  const std::string refused = run_self("DENSENET4J_SOFTWARE_CUDA_SCHEDULE=sideways", "init", &code);
  CHECK(code == CUDA_ERROR_INVALID_VALUE && contains(refused, "DENSENET4J_SOFTWARE_CUDA_SCHEDULE=sideways"));
  const std::string little = run_self("DENSENET4J_SOFTWARE_CUDA_MEMORY=12344", "leak", &code);
  CHECK(code == 0 && !contains(little, "never freed"));
}

}  // namespace

std::vector<Test> fault_tests() {
  return {{"a_launch_fails_on_request_and_the_context_is_lost", a_launch_fails_on_request_and_the_context_is_lost},
          {"the_failure_has_the_code_asked_for", the_failure_has_the_code_asked_for},
          {"a_library_that_fails_loses_the_context", a_library_that_fails_loses_the_context},
          {"guard_bands_are_checked", guard_bands_are_checked},
          {"pinned_memory_has_guard_bands_too", pinned_memory_has_guard_bands_too},
          {"what_is_left_is_reported", what_is_left_is_reported},
          {"nothing_is_reported_if_nothing_is_left", nothing_is_reported_if_nothing_is_left},
          {"leaks_are_reported_at_exit", leaks_are_reported_at_exit},
          {"what_a_device_may_refuse_is_refused_on_request", what_a_device_may_refuse_is_refused_on_request},
          {"the_environment_has_settings", the_environment_has_settings}};
}

}  // namespace driver_test
