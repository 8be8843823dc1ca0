// What the library exports, and what it says to calls it does not offer.
#include <dlfcn.h>

#include <cstring>
#include <fstream>

#include "driver_test.h"

namespace driver_test {

namespace {

// driver_test_symbols.txt: what JCuda 12.6's libJCudaDriver imports.
void everything_that_jcuda_imports_is_there() {
  void* library = dlopen("libcuda.so.1", RTLD_NOLOAD | RTLD_LAZY);
  CHECK(library != nullptr);
  std::ifstream names(DRIVER_TEST_SYMBOLS);
  std::string name, missing;
  int count = 0;
  for (; names >> name; ++count) {
    if (dlsym(library, name.c_str()) == nullptr) missing += " " + name;
  }
  CHECK(count == 312);
  if (!missing.empty()) fail(__FILE__, __LINE__, "missing:" + missing);
}

void what_is_not_offered_says_so_once() {
  const std::string text = standard_error_of([] {
    CUdeviceptr address;
    CHECK_CODE(cuMemAllocManaged(&address, 4, 1), CUDA_ERROR_NOT_SUPPORTED);
    CHECK_CODE(cuMemAllocManaged(&address, 4, 1), CUDA_ERROR_NOT_SUPPORTED);
  });
  CHECK(text == "software CUDA: cuMemAllocManaged is not supported by this device\n");
}

void addresses_of_calls_can_be_asked_for() {
  void* found;
  CUdriverProcAddressQueryResult status;
  OK(cuGetProcAddress("cuMemAlloc", &found, 12060, CU_GET_PROC_ADDRESS_DEFAULT, &status));
  CHECK(found == reinterpret_cast<void*>(&cuMemAlloc) && status == CU_GET_PROC_ADDRESS_SUCCESS);
  void* old;
  OK(cuGetProcAddress("cuCtxCreate", &found, 13000, CU_GET_PROC_ADDRESS_DEFAULT, nullptr));
  OK(cuGetProcAddress("cuCtxCreate", &old, 12060, CU_GET_PROC_ADDRESS_DEFAULT, nullptr));
  CHECK(found == reinterpret_cast<void*>(&cuCtxCreate) && old != found);
  CHECK_CODE(cuGetProcAddress("cuNoCall", &found, 13000, CU_GET_PROC_ADDRESS_DEFAULT, &status), CUDA_ERROR_NOT_FOUND);
  CHECK(found == nullptr && status == CU_GET_PROC_ADDRESS_SYMBOL_NOT_FOUND);
}

void errors_have_names() {
  const char* text;
  OK(cuGetErrorName(CUDA_ERROR_ILLEGAL_ADDRESS, &text));
  CHECK(std::strcmp(text, "CUDA_ERROR_ILLEGAL_ADDRESS") == 0);
  OK(cuGetErrorString(CUDA_ERROR_OUT_OF_MEMORY, &text));
  CHECK(std::strcmp(text, "out of memory") == 0);
  CHECK_CODE(cuGetErrorName(static_cast<CUresult>(12345), &text), CUDA_ERROR_INVALID_VALUE);
  CHECK(text == nullptr);
}

}  // namespace

std::vector<Test> symbol_tests() {
  return {{"everything_that_jcuda_imports_is_there", everything_that_jcuda_imports_is_there},
          {"what_is_not_offered_says_so_once", what_is_not_offered_says_so_once},
          {"addresses_of_calls_can_be_asked_for", addresses_of_calls_can_be_asked_for},
          {"errors_have_names", errors_have_names}};
}

}  // namespace driver_test
