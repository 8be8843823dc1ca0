#include "library_test.h"

#include <cmath>
#include <cstdio>
#include <cstring>
#include <random>
#include <stdexcept>

namespace library_test {

namespace {
constexpr size_t kGuard = 64;
constexpr float kGuardValue = -12345.678f;
}  // namespace

void fail(const char* file, int line, const std::string& what) {
  throw std::runtime_error(std::string(file) + ":" + std::to_string(line) + ": " + what);
}

void require_code(int found, int expected, const char* call, const char* file, int line) {
  if (found == expected) return;
  fail(file, line, std::string(call) + " returned " + std::to_string(found) + ", expected " + std::to_string(expected));
}

void require_near(double found, double expected, double tolerance, const char* what, const char* file, int line) {
  if (std::abs(found - expected) <= tolerance) return;
  fail(file, line, std::string(what) + " is " + std::to_string(found) + ", expected " + std::to_string(expected));
}

int run_tests(std::initializer_list<Test> tests) {
  int failures = 0;
  for (const Test& test : tests) {
    try {
      const Device device;
      test.run();
    } catch (const std::exception& error) {
      failures++;
      std::fprintf(stderr, "%s: %s\n", test.name, error.what());
    }
  }
  std::printf("%zu tests, %d failures\n", tests.size(), failures);
  return failures == 0 ? 0 : 1;
}

Device::Device() {
  OK(cuInit(0));
  CUcontext context;
  OK(cuDevicePrimaryCtxRetain(&context, 0));
  OK(cuCtxSetCurrent(context));
}

Device::~Device() {
  cuCtxSetCurrent(nullptr);
  cuDevicePrimaryCtxReset(0);
}

Buffer::Buffer(const std::vector<float>& values) : count_(values.size()) {
  const std::vector<float> all(count_ + 2 * kGuard, kGuardValue);
  OK(cuMemAlloc(&memory_, all.size() * sizeof(float)));
  OK(cuMemcpyHtoD(memory_, all.data(), all.size() * sizeof(float)));
  write(values);
}

Buffer::~Buffer() { cuMemFree(memory_); }

float* Buffer::device() const { return reinterpret_cast<float*>(memory_ + kGuard * sizeof(float)); }

std::vector<float> Buffer::read() const {
  std::vector<float> all(count_ + 2 * kGuard);
  OK(cuMemcpyDtoH(all.data(), memory_, all.size() * sizeof(float)));
  for (size_t i = 0; i < kGuard; i++) CHECK(all[i] == kGuardValue && all[kGuard + count_ + i] == kGuardValue);
  return {all.begin() + kGuard, all.end() - kGuard};
}

void Buffer::write(const std::vector<float>& values) const {
  CHECK(values.size() == count_);
  OK(cuMemcpyHtoD(memory_ + kGuard * sizeof(float), values.data(), count_ * sizeof(float)));
}

std::vector<float> random_floats(size_t count, uint32_t seed) {
  std::mt19937 bits(seed);
  std::normal_distribution<float> normal;
  std::vector<float> values(count);
  for (float& value : values) value = normal(bits);
  return values;
}

// By the value of the last bit kept rather than by the bits of the number, as the library does it.
float rounded_to_tf32(float value) {
  if (value == 0 || !std::isfinite(value)) return value;
  const double unit = std::ldexp(1.0, std::ilogb(value) - 10);
  return static_cast<float>(std::nearbyint(value / unit) * unit);
}

bool same_bits(const std::vector<float>& a, const std::vector<float>& b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size() * sizeof(float)) == 0;
}

}  // namespace library_test
