// Kernels as nvcc compiles them.
#include <cmath>

#include "ptx_test.h"

namespace software_cuda {

namespace {

void test_saxpy() {
  const auto module = parse(read_ptx("saxpy"));
  const Kernel* kernel = module->kernel("saxpy");
  CHECK(kernel->parameters().size() == 4 && kernel->parameters()[3].offset == 24 && kernel->parameter_bytes() == 32);
  std::vector<float> x, y;
  for (int i = 0; i < 1003; i++) {
    x.push_back(0.37f * static_cast<float>(i));
    y.push_back(1.0f / static_cast<float>(i + 1));
  }
  for (const Schedule& schedule : all_schedules()) {
    TestMemory memory;
    const uint64_t to = memory.upload(y);
    launch(*kernel, {{3, 1, 1}, {96, 1, 1}}, arguments(to, memory.upload(x), 1.7f, int64_t{1003}), memory, schedule, 2);
    const auto result = memory.download<float>(to, y.size());
    for (size_t i = 0; i < y.size(); i++) CHECK(result[i] == std::fma(1.7f, x[i], y[i]));
  }
}

}  // namespace

void test_compiled_kernels() { test_saxpy(); }

}  // namespace software_cuda
