// What the tests of cuDNN's and cuBLAS's stand-ins share.
#ifndef DENSENET4J_SOFTWARE_CUDA_LIBRARY_TEST_H
#define DENSENET4J_SOFTWARE_CUDA_LIBRARY_TEST_H

#include <cuda.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace library_test {

[[noreturn]] void fail(const char* file, int line, const std::string& what);
void require_code(int found, int expected, const char* call, const char* file, int line);

#define CHECK(condition) \
  if (!(condition)) library_test::fail(__FILE__, __LINE__, #condition)
#define CHECK_CODE(call, code) library_test::require_code(call, code, #call, __FILE__, __LINE__)
#define OK(call) CHECK_CODE(call, 0)
// Whether two numbers are that near to each other; NaN is near to nothing.
#define CHECK_NEAR(found, expected, tolerance) \
  library_test::require_near(found, expected, tolerance, #found, __FILE__, __LINE__)

void require_near(double found, double expected, double tolerance, const char* what, const char* file, int line);

struct Test {
  const char* name;
  void (*run)();
};

// Runs them in order, each on a new context; returns what main returns.
int run_tests(std::initializer_list<Test> tests);

// The primary context, current for as long as this lives.
class Device {
 public:
  Device();
  ~Device();
  Device(const Device&) = delete;
};

// Floats in device memory between guard bands. Reading them checks that the bands are as they were.
class Buffer {
 public:
  explicit Buffer(const std::vector<float>& values);
  ~Buffer();
  Buffer(const Buffer&) = delete;

  float* device() const;
  size_t count() const { return count_; }
  std::vector<float> read() const;
  void write(const std::vector<float>& values) const;

 private:
  size_t count_;
  CUdeviceptr memory_ = 0;
};

// Numbers of a normal distribution, the same for the same seed.
std::vector<float> random_floats(size_t count, uint32_t seed);

float rounded_to_tf32(float value);

// The same bits, NaN included.
bool same_bits(const std::vector<float>& a, const std::vector<float>& b);

}  // namespace library_test
#endif
