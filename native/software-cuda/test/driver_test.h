// What the driver's tests share.
#ifndef DENSENET4J_SOFTWARE_CUDA_DRIVER_TEST_H
#define DENSENET4J_SOFTWARE_CUDA_DRIVER_TEST_H

#include <cuda.h>

#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

#include "densenet4j_software_cuda.h"

namespace driver_test {

[[noreturn]] void fail(const char* file, int line, const std::string& what);
void require_code(CUresult found, CUresult expected, const char* call, const char* file, int line);

#define CHECK(condition) \
  if (!(condition)) driver_test::fail(__FILE__, __LINE__, #condition)
#define CHECK_CODE(call, code) driver_test::require_code(call, code, #call, __FILE__, __LINE__)
#define OK(call) CHECK_CODE(call, CUDA_SUCCESS)

struct Test {
  const char* name;
  void (*run)();
};

// A subject's tests, in order.
std::vector<Test> attribute_tests();
std::vector<Test> context_tests();
std::vector<Test> fault_tests();
std::vector<Test> fuzz_tests();
std::vector<Test> graph_tests();
std::vector<Test> capture_tests();
std::vector<Test> memory_tests();
std::vector<Test> module_tests();
std::vector<Test> stream_tests();
std::vector<Test> symbol_tests();

// The primary context, current for as long as this lives; a new one each time, with the default settings.
class Device {
 public:
  Device();
  ~Device();
  Device(const Device&) = delete;
};

// What `run` writes to stderr.
std::string standard_error_of(void (*run)());

bool contains(const std::string& text, const std::string& part);

// Enqueues adding `amount` to the 32-bit value at `address`, as a library would.
CUresult enqueue_add(CUstream stream, CUdeviceptr address, int32_t amount, const char* name = "add");

CUdeviceptr allocate(size_t bytes);
// An allocation that holds one value.
CUdeviceptr allocate_value(int32_t value);
// What an allocation holds by now, without waiting for anything.
int32_t peek(CUdeviceptr address);

// Paths that the build passes on.
std::string self();
std::string file(const std::string& name);
// What such a file holds.
std::string read_file(const std::string& name);

}  // namespace driver_test
#endif
