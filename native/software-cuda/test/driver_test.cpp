// Runs the tests of libcuda.so.1.
#include "driver_test.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>
#include <fstream>
#include <iterator>

namespace driver_test {

void fail(const char* file, int line, const std::string& what) {
  throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + what);
}

void require_code(CUresult found, CUresult expected, const char* call, const char* file, int line) {
  if (found == expected) return;
  fail(file, line, std::string(call) + " returned " + std::to_string(found) + ", expected " + std::to_string(expected));
}

Device::Device() {
  const std::pair<const char*, const char*> defaults[] = {
      {"memory", "17179869184"}, {"schedule", "forward"}, {"devices", "1"},
      {"drift", "0"},            {"fail", ""},            {"instructions", "4294967296"},
      {"refuse", ""},            {"record", ""},          {"block_shared", "232448"},
      {"races", "0"}};
  for (const auto& [key, value] : defaults) CHECK(dn_software_cuda_set(key, value) == 0);
  CUcontext context;
  OK(cuDevicePrimaryCtxRetain(&context, 0));
  OK(cuCtxSetCurrent(context));
  dn_software_cuda_reset_counts();
}

Device::~Device() {
  cuCtxSetCurrent(nullptr);
  cuDevicePrimaryCtxReset(0);
  cuDevicePrimaryCtxRelease(0);
}

std::string standard_error_of(void (*run)()) {
  std::FILE* to = std::tmpfile();
  const int saved = dup(STDERR_FILENO);
  dup2(fileno(to), STDERR_FILENO);
  std::exception_ptr thrown;
  try {
    run();
  } catch (...) {
    thrown = std::current_exception();
  }
  std::fflush(stderr);
  dup2(saved, STDERR_FILENO);
  close(saved);
  std::string text(static_cast<size_t>(std::ftell(to) > 0 ? std::ftell(to) : lseek(fileno(to), 0, SEEK_END)), '\0');
  if (pread(fileno(to), text.data(), text.size(), 0) < 0) text.clear();
  std::fclose(to);
  if (thrown) std::rethrow_exception(thrown);
  return text;
}

bool contains(const std::string& text, const std::string& part) { return text.find(part) != std::string::npos; }

namespace {

struct Addition {
  CUdeviceptr address;
  int32_t amount;
};

int add(const void* arguments) {
  const auto* addition = static_cast<const Addition*>(arguments);
  auto* value = static_cast<int32_t*>(dn_software_cuda_at(addition->address, sizeof(int32_t)));
  if (value == nullptr) return CUDA_ERROR_ILLEGAL_ADDRESS;
  *value += addition->amount;
  return 0;
}

}  // namespace

CUresult enqueue_add(CUstream stream, CUdeviceptr address, int32_t amount, const char* name) {
  const Addition addition{address, amount};
  return static_cast<CUresult>(dn_software_cuda_launch(stream, name, add, &addition, sizeof addition));
}

CUdeviceptr allocate(size_t bytes) {
  CUdeviceptr address;
  OK(cuMemAlloc(&address, bytes));
  return address;
}

CUdeviceptr allocate_value(int32_t value) {
  const CUdeviceptr address = allocate(sizeof value);
  OK(cuMemcpyHtoD(address, &value, sizeof value));
  return address;
}

int32_t peek(CUdeviceptr address) {
  const void* at = dn_software_cuda_at(address, sizeof(int32_t));
  CHECK(at != nullptr);
  int32_t value;
  std::memcpy(&value, at, sizeof value);
  return value;
}

std::string self() {
  std::string path(4096, '\0');
  const ssize_t length = readlink("/proc/self/exe", path.data(), path.size());
  CHECK(length > 0);
  return path.substr(0, static_cast<size_t>(length));
}

std::string file(const std::string& name) { return std::string(DRIVER_TEST_FILES) + "/" + name; }

std::string read_file(const std::string& name) {
  std::ifstream stream(file(name), std::ios::binary);
  CHECK(stream.good());
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

namespace {

// Ends with an allocation, an event and a stream still there.
int leak() {
  CUcontext context;
  CUdeviceptr address;
  CUstream stream;
  if (cuInit(0) != CUDA_SUCCESS || cuDevicePrimaryCtxRetain(&context, 0) != CUDA_SUCCESS) return 1;
  cuCtxSetCurrent(context);
  cuMemAlloc(&address, 12345);
  cuStreamCreate(&stream, 0);
  return 0;
}

int run(const std::vector<Test>& tests) {
  int failed = 0;
  for (const Test& test : tests) {
    try {
      test.run();
    } catch (const std::exception& failure) {
      std::printf("FAILED %s: %s\n", test.name, failure.what());
      ++failed;
    }
  }
  return failed;
}

}  // namespace

}  // namespace driver_test

int main(int count, char** arguments) {
  using namespace driver_test;
  if (count == 2 && std::strcmp(arguments[1], "leak") == 0) return leak();
  if (count == 2 && std::strcmp(arguments[1], "init") == 0) return cuInit(0);
  int failed = 0, done = 0;
  // Those of contexts begin before cuInit.
  for (const auto& tests : {context_tests(), memory_tests(), stream_tests(), fault_tests(), graph_tests(),
                            capture_tests(), module_tests(), attribute_tests(), fuzz_tests(), symbol_tests()}) {
    failed += run(tests);
    done += static_cast<int>(tests.size());
  }
  std::printf("%d tests, %d failed\n", done, failed);
  return failed == 0 ? 0 : 1;
}
