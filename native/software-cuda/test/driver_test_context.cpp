// Initialisation, the device, contexts.
#include <cstring>
#include <thread>

#include "driver_test.h"

namespace driver_test {

namespace {

void calls_before_initialisation_are_refused() {
  int count, version;
  CUdeviceptr address;
  CHECK_CODE(cuDeviceGetCount(&count), CUDA_ERROR_NOT_INITIALIZED);
  CHECK_CODE(cuMemAlloc(&address, 4), CUDA_ERROR_NOT_INITIALIZED);
  OK(cuDriverGetVersion(&version));
  CHECK(version == 13000);
  CHECK(dn_software_cuda_set("driver_version", "12060") == 0);
  OK(cuDriverGetVersion(&version));
  CHECK(version == 12060);
  CHECK(dn_software_cuda_set("driver_version", "13000") == 0);
  CHECK(dn_software_cuda_count("live_bytes") == 0);
}

void without_a_device_nothing_begins() {
  CHECK(dn_software_cuda_set("devices", "0") == 0);
  CHECK_CODE(cuInit(0), CUDA_ERROR_NO_DEVICE);
  CHECK(dn_software_cuda_set("devices", "1") == 0);
  CHECK_CODE(cuInit(1), CUDA_ERROR_INVALID_VALUE);
  OK(cuInit(0));
}

void settings_that_make_no_sense_are_refused() {
  const std::pair<const char*, const char*> wrong[] = {
      {"memory", "0"},     {"memory", "1g"},    {"memory", ""},     {"schedule", "sideways"}, {"schedule", "forward:3"},
      {"drift", "2"},      {"threads", "0"},    {"devices", "2"},   {"driver_version", "x"},  {"fail", ":1"},
      {"fail", "add:0"},   {"fail", "add:1:9"}, {"memry", "1"},     {"schedule", "random:"},  {"fail", "add:1:719:2"},
      {"schedule", "random:-1"}, {"instructions", "0"}, {"races", "2"}};
  for (const auto& [key, value] : wrong) {
    if (dn_software_cuda_set(key, value) != 1) fail(__FILE__, __LINE__, std::string(key) + "=" + value + " was taken");
  }
  for (const char* right : {"forward", "reverse", "random", "random:17"}) {
    CHECK(dn_software_cuda_set("schedule", right) == 0);
  }
  CHECK(dn_software_cuda_count("no such counter") == -1);
}

void the_device_has_the_measures_of_a_gpu() {
  CUdevice device;
  OK(cuDeviceGet(&device, 0));
  CHECK_CODE(cuDeviceGet(&device, 1), CUDA_ERROR_INVALID_DEVICE);
  char name[64], little[6];
  OK(cuDeviceGetName(name, sizeof name, 0));
  CHECK(std::strcmp(name, "densenet4j software CUDA device") == 0);
  OK(cuDeviceGetName(little, sizeof little, 0));
  CHECK(std::strcmp(little, "dense") == 0);
  const std::pair<CUdevice_attribute, int> expected[] = {
      {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, 9},       {CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, 0},
      {CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT, 132},         {CU_DEVICE_ATTRIBUTE_WARP_SIZE, 32},
      {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK, 49152}, {CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING, 1},
      {CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, 232448}};
  for (const auto& [which, value] : expected) {
    int found = -1;
    OK(cuDeviceGetAttribute(&found, which, 0));
    CHECK(found == value);
  }
  int found;
  CHECK_CODE(cuDeviceGetAttribute(&found, CU_DEVICE_ATTRIBUTE_MAX, 0), CUDA_ERROR_INVALID_VALUE);
  CHECK(dn_software_cuda_set("memory", "1000000") == 0);
  size_t bytes;
  OK(cuDeviceTotalMem(&bytes, 0));
  CHECK(bytes == 1000000);
  CHECK(dn_software_cuda_set("block_shared", "101376") == 0);
  OK(cuDeviceGetAttribute(&found, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN, 0));
  CHECK(found == 101376);
  OK(cuDeviceGetAttribute(&found, CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR, 0));
  CHECK(found == 102400);
}

void without_a_context_nothing_is_allocated() {
  CUdeviceptr address;
  CHECK_CODE(cuMemAlloc(&address, 4), CUDA_ERROR_INVALID_CONTEXT);
  CHECK_CODE(cuCtxSynchronize(), CUDA_ERROR_INVALID_CONTEXT);
  CHECK(dn_software_cuda_launch(nullptr, "x", [](const void*) { return 0; }, nullptr, 0) == CUDA_ERROR_INVALID_CONTEXT);
}

void contexts_are_stacked() {
  const Device device;
  CUcontext primary, first, second, found;
  OK(cuCtxGetCurrent(&primary));
  OK(cuCtxCreate(&first, nullptr, 0, 0));
  OK(cuCtxCreate(&second, nullptr, 0, 0));
  CHECK(dn_software_cuda_count("contexts") == 3);
  OK(cuCtxPopCurrent(&found));
  CHECK(found == second);
  OK(cuCtxGetCurrent(&found));
  CHECK(found == first);
  OK(cuCtxPushCurrent(second));
  OK(cuCtxDestroy(second));
  OK(cuCtxGetCurrent(&found));
  CHECK(found == first);
  CHECK_CODE(cuCtxSetCurrent(second), CUDA_ERROR_INVALID_CONTEXT);
  OK(cuCtxPushCurrent(primary));
  OK(cuCtxDestroy(first));
  OK(cuCtxPopCurrent(nullptr));
  CHECK_CODE(cuCtxSynchronize(), CUDA_ERROR_CONTEXT_IS_DESTROYED);
  OK(cuCtxPopCurrent(nullptr));
  OK(cuCtxSynchronize());
  CHECK(dn_software_cuda_count("contexts") == 1);
}

void a_thread_begins_without_a_context() {
  const Device device;
  CUcontext context;
  OK(cuCtxGetCurrent(&context));
  std::string failure;
  std::thread([&] {
    try {
      CHECK_CODE(cuCtxSynchronize(), CUDA_ERROR_INVALID_CONTEXT);
      OK(cuCtxSetCurrent(context));
      OK(cuCtxSynchronize());
    } catch (const std::exception& thrown) {
      failure = thrown.what();
    }
  }).join();
  if (!failure.empty()) throw std::runtime_error(failure);
}

void the_primary_context_lives_while_it_is_retained() {
  CUcontext first, second;
  unsigned flags;
  int active;
  OK(cuDevicePrimaryCtxGetState(0, &flags, &active));
  CHECK(active == 0);
  OK(cuDevicePrimaryCtxRetain(&first, 0));
  OK(cuDevicePrimaryCtxRetain(&second, 0));
  CHECK(first == second);
  OK(cuCtxSetCurrent(first));
  OK(cuDevicePrimaryCtxRelease(0));
  OK(cuCtxSynchronize());
  OK(cuDevicePrimaryCtxRelease(0));
  CHECK_CODE(cuCtxSynchronize(), CUDA_ERROR_CONTEXT_IS_DESTROYED);
  CHECK_CODE(cuDevicePrimaryCtxRelease(0), CUDA_ERROR_INVALID_CONTEXT);
  OK(cuDevicePrimaryCtxRetain(&second, 0));
  CHECK(first == second);
  OK(cuCtxSynchronize());
  OK(cuDevicePrimaryCtxRelease(0));
  OK(cuCtxSetCurrent(nullptr));
}

void references_to_the_primary_context_survive_a_reset() {
  CUcontext context;
  unsigned flags;
  int active;
  OK(cuDevicePrimaryCtxRetain(&context, 0));
  OK(cuDevicePrimaryCtxRetain(&context, 0));
  OK(cuCtxSetCurrent(context));
  OK(cuDevicePrimaryCtxReset(0));
  CHECK_CODE(cuCtxSynchronize(), CUDA_ERROR_CONTEXT_IS_DESTROYED);
  OK(cuDevicePrimaryCtxRelease(0));
  OK(cuDevicePrimaryCtxGetState(0, &flags, &active));
  CHECK(active == 0);
  // The one who has reset it takes it up again; that the other lets go of it then costs nothing.
  OK(cuDevicePrimaryCtxRetain(&context, 0));
  OK(cuCtxSynchronize());
  OK(cuDevicePrimaryCtxRelease(0));
  OK(cuCtxSynchronize());
  OK(cuDevicePrimaryCtxReset(0));
  OK(cuDevicePrimaryCtxReset(0));
  OK(cuDevicePrimaryCtxRelease(0));
  CHECK_CODE(cuDevicePrimaryCtxRelease(0), CUDA_ERROR_INVALID_CONTEXT);
  OK(cuCtxSetCurrent(nullptr));
}

void limits_are_kept() {
  const Device device;
  size_t value;
  OK(cuCtxSetLimit(CU_LIMIT_STACK_SIZE, 4096));
  OK(cuCtxGetLimit(&value, CU_LIMIT_STACK_SIZE));
  CHECK(value == 4096);
  CHECK_CODE(cuCtxGetLimit(&value, CU_LIMIT_MAX), CUDA_ERROR_UNSUPPORTED_LIMIT);
}

}  // namespace

std::vector<Test> context_tests() {
  return {{"calls_before_initialisation_are_refused", calls_before_initialisation_are_refused},
          {"without_a_device_nothing_begins", without_a_device_nothing_begins},
          {"settings_that_make_no_sense_are_refused", settings_that_make_no_sense_are_refused},
          {"the_device_has_the_measures_of_a_gpu", the_device_has_the_measures_of_a_gpu},
          {"without_a_context_nothing_is_allocated", without_a_context_nothing_is_allocated},
          {"contexts_are_stacked", contexts_are_stacked},
          {"a_thread_begins_without_a_context", a_thread_begins_without_a_context},
          {"the_primary_context_lives_while_it_is_retained", the_primary_context_lives_while_it_is_retained},
          {"references_to_the_primary_context_survive_a_reset", references_to_the_primary_context_survive_a_reset},
          {"limits_are_kept", limits_are_kept}};
}

}  // namespace driver_test
