// Kernels as nvcc compiles them.
#include <algorithm>
#include <cmath>
#include <random>

#include "ptx_test.h"

namespace software_cuda {

namespace {

std::vector<float> random_floats(size_t count, unsigned seed) {
  std::mt19937 generator(seed);
  std::uniform_real_distribution<float> distribution(-2, 2);
  std::vector<float> values(count);
  for (float& value : values) value = distribution(generator);
  return values;
}

bool close(double a, double b, double tolerance) { return std::fabs(a - b) <= tolerance * std::max(1.0, std::fabs(b)); }

void test_saxpy() {
  const auto module = parse(read_ptx("elementwise"));
  const Kernel* kernel = module->kernel("saxpy");
  CHECK(kernel->parameters().size() == 4 && kernel->parameters()[3].offset == 24 && kernel->parameter_bytes() == 32);
  const auto x = random_floats(1003, 1), y = random_floats(1003, 2);
  for (const Schedule& schedule : all_schedules()) {
    TestMemory memory;
    const uint64_t to = memory.upload(y);
    launch(*kernel, {{3, 1, 1}, {96, 1, 1}}, arguments(to, memory.upload(x), 1.7f, int64_t{1003}), memory, schedule, 2);
    const auto result = memory.download<float>(to, y.size());
    for (size_t i = 0; i < y.size(); i++) CHECK(result[i] == std::fma(1.7f, x[i], y[i]));
  }
}

void test_divide() {
  const auto module = parse(read_ptx("elementwise"));
  std::mt19937_64 generator(3);
  std::vector<int64_t> a(128), b(128);
  for (size_t i = 0; i < a.size(); i++) {
    a[i] = static_cast<int64_t>(generator()) >> (i % 50);
    b[i] = static_cast<int64_t>(generator() | 1) >> (i % 61);
    if (b[i] == 0) b[i] = 5;
  }
  TestMemory memory;
  const uint64_t quotient = memory.upload(a), remainder = memory.upload(a);
  launch(*module->kernel("divide"), {{1, 1, 1}, {128, 1, 1}},
         arguments(quotient, remainder, memory.upload(a), memory.upload(b)), memory);
  const auto q = memory.download<int64_t>(quotient, 128);
  const auto r = memory.download<uint64_t>(remainder, 128);
  for (size_t i = 0; i < a.size(); i++) {
    CHECK(q[i] == a[i] / b[i]);
    CHECK(r[i] == static_cast<uint64_t>(a[i]) % static_cast<uint64_t>(b[i]));
  }
}

float chosen(int which, float y, int i) {
  switch (which) {
    case 0: return y + 1;
    case 1: return y * 3;
    case 2: return std::fma(y, static_cast<float>(i), 3.0f);
    case 3: return static_cast<float>(std::sin(static_cast<double>(y)));
    case 4: return -y;
    case 5: return y > 2 ? 2 : y;
    case 6: return static_cast<float>(__builtin_popcount(static_cast<unsigned>(i)));
    default: return 0;
  }
}

void test_choose() {
  const auto module = parse(read_ptx("elementwise"));
  auto y = random_floats(200, 4);
  y[3] = 123456.7f;
  std::vector<int> cases(200);
  for (size_t i = 0; i < cases.size(); i++) cases[i] = static_cast<int>(i * 7 % 9);
  cases[3] = 3;
  for (const Schedule& schedule : all_schedules()) {
    TestMemory memory;
    place_variables(*module, memory);
    const uint64_t to = memory.upload(y);
    launch(*module->kernel("choose"), {{1, 1, 1}, {200, 1, 1}}, arguments(to, memory.upload(cases)), memory, schedule);
    const auto result = memory.download<float>(to, y.size());
    for (size_t i = 0; i < y.size(); i++) CHECK(close(result[i], chosen(cases[i], y[i], static_cast<int>(i)), 1e-6));
  }
}

void test_permute() {
  const auto module = parse(read_ptx("elementwise"));
  TestMemory memory;
  const auto table = random_floats(32, 5);
  const auto addresses = place_variables(*module, memory);
  uint64_t calls = 0;
  for (size_t v = 0; v < addresses.size(); v++) {
    const std::string& name = module->variables()[v].name;
    if (name == "table") std::memcpy(memory.find(addresses[v]).host, table.data(), table.size() * sizeof(float));
    if (name == "calls") calls = addresses[v];
  }
  struct Order {
    int index[8];
  } order = {{3, 1, 4, 0, 5, 2, 7, 6}};
  const uint64_t y = memory.allocate(64 * 8 * sizeof(float));
  launch(*module->kernel("permute"), {{1, 1, 1}, {64, 1, 1}}, arguments(y, order), memory);
  const auto result = memory.download<float>(y, 64 * 8);
  for (size_t t = 0; t < 64; t++) {
    for (size_t k = 0; k < 8; k++) {
      CHECK(result[t * 8 + static_cast<size_t>(order.index[k])] == table[(t + k) % 32] + static_cast<float>(k % 4 + 1));
    }
  }
  CHECK(memory.download<int>(calls, 1)[0] == 64);
}

void test_matmul() {
  const auto module = parse(read_ptx("matmul"));
  constexpr int kRows = 37, kInner = 45, kColumns = 29;
  const auto a = random_floats(kRows * kInner, 6), b = random_floats(kInner * kColumns, 7);
  for (const Schedule& schedule : all_schedules()) {
    TestMemory memory;
    const uint64_t c = memory.allocate(kRows * kColumns * sizeof(float));
    launch(*module->kernel("matmul"), {{2, 3, 1}, {16, 16, 1}},
           arguments(c, memory.upload(a), memory.upload(b), kRows, kInner, kColumns), memory, schedule, 2);
    const auto result = memory.download<float>(c, kRows * kColumns);
    for (int row = 0; row < kRows; row++) {
      for (int column = 0; column < kColumns; column++) {
        float sum = 0;
        for (int i = 0; i < kInner; i++) {
          sum = std::fma(a[static_cast<size_t>(row * kInner + i)], b[static_cast<size_t>(i * kColumns + column)], sum);
        }
        CHECK(result[static_cast<size_t>(row * kColumns + column)] == sum);
      }
    }
  }
}

void test_reductions() {
  const auto module = parse(read_ptx("reductions"));
  const auto x = random_floats(256, 8);
  double expected = 0;
  for (const float value : x) expected += value;
  std::vector<int> counts(256);
  std::vector<unsigned> keys(512);
  std::mt19937 generator(9);
  for (int& count : counts) count = static_cast<int>(generator() % 100);
  for (unsigned& key : keys) key = static_cast<unsigned>(generator());
  auto sorted = keys;
  std::sort(sorted.begin(), sorted.end());
  for (const Schedule& schedule : all_schedules()) {
    TestMemory memory;
    const uint64_t sum = memory.allocate(4), cub_sum = memory.allocate(4);
    launch(*module->kernel("block_sum"), {{1, 1, 1}, {256, 1, 1}}, arguments(sum, cub_sum, memory.upload(x)), memory, schedule);
    CHECK(close(memory.download<float>(sum, 1)[0], expected, 1e-5));
    CHECK(close(memory.download<float>(cub_sum, 1)[0], expected, 1e-5));
    const uint64_t scanned = memory.allocate(1024), ordered = memory.allocate(2048);
    launch(*module->kernel("block_scan"), {{1, 1, 1}, {256, 1, 1}}, arguments(scanned, memory.upload(counts)), memory, schedule);
    const auto before = memory.download<int>(scanned, 256);
    int total = 0;
    for (size_t i = 0; i < counts.size(); total += counts[i++]) CHECK(before[i] == total);
    launch(*module->kernel("block_sort"), {{1, 1, 1}, {128, 1, 1}}, arguments(ordered, memory.upload(keys)), memory, schedule);
    CHECK(memory.download<unsigned>(ordered, 512) == sorted);
  }
}

void test_softmax() {
  const auto module = parse(read_ptx("reductions"));
  constexpr int kRows = 5, kColumns = 77;
  std::vector<double> x;
  for (const float value : random_floats(kRows * kColumns, 10)) x.push_back(20.0 * value);
  TestMemory memory;
  const uint64_t y = memory.allocate(x.size() * 8), logarithm = memory.allocate(kRows * 8);
  launch(*module->kernel("softmax"), {{kRows, 1, 1}, {32, 1, 1}}, arguments(y, logarithm, memory.upload(x), kColumns), memory,
         {Order::kRandom, 5, true});
  const auto result = memory.download<double>(y, x.size());
  for (size_t row = 0; row < kRows; row++) {
    const double* from = x.data() + row * kColumns;
    const double largest = *std::max_element(from, from + kColumns);
    double sum = 0;
    for (int c = 0; c < kColumns; c++) sum += std::exp(from[c] - largest);
    for (size_t c = 0; c < kColumns; c++) {
      const double expected = std::exp(from[c] - largest) / sum;
      CHECK(std::fabs(result[row * kColumns + c] - expected) <= 1e-14 * expected);
    }
    CHECK(close(memory.download<double>(logarithm, kRows)[row], std::log(sum), 1e-14));
  }
}

void test_gemm() {
  const auto module = parse(read_ptx("gemm"));
  constexpr int kInner = 80;
  const auto truncated = [](const std::vector<float>& values) {
    std::vector<uint16_t> bits;
    for (const float value : values) {
      uint32_t all;
      std::memcpy(&all, &value, sizeof all);
      bits.push_back(static_cast<uint16_t>(all >> 16));
    }
    return bits;
  };
  const auto number = [](uint16_t bits) {
    const uint32_t all = static_cast<uint32_t>(bits) << 16;
    float value;
    std::memcpy(&value, &all, sizeof value);
    return value;
  };
  const auto a = truncated(random_floats(16 * kInner, 11)), b = truncated(random_floats(kInner * 8, 12));
  for (const Schedule& schedule : all_schedules()) {
    TestMemory memory;
    const uint64_t c = memory.allocate(16 * 8 * sizeof(float));
    launch(*module->kernel("gemm"), {{1, 1, 1}, {32, 1, 1}}, arguments(c, memory.upload(a), memory.upload(b), kInner), memory,
           schedule);
    const auto result = memory.download<float>(c, 16 * 8);
    for (size_t row = 0; row < 16; row++) {
      for (size_t column = 0; column < 8; column++) {
        double sum = 0;
        for (size_t i = 0; i < kInner; i++) sum += static_cast<double>(number(a[row * kInner + i])) * number(b[i * 8 + column]);
        CHECK(close(result[row * 8 + column], sum, 1e-5));
      }
    }
  }
}

}  // namespace

void test_compiled_kernels() {
  test_saxpy();
  test_divide();
  test_choose();
  test_permute();
  test_matmul();
  test_reductions();
  test_softmax();
  test_gemm();
}

}  // namespace software_cuda
