// What the tests of the GPU's kernels share: the kernels on the software device, and memory with guard bands.
#ifndef DENSENET4J_SOFTWARE_CUDA_KERNELS_TEST_H
#define DENSENET4J_SOFTWARE_CUDA_KERNELS_TEST_H

#include <cuda.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <random>
#include <stdexcept>
#include <string>
#include <vector>

#include "densenet4j_types.h"

namespace kernels_test {

constexpr int kMostShared = 227 * 1024;  // of a block of sm_90, bytes

// Throws unless `result` is CUDA_SUCCESS.
void require(CUresult result, const std::string& what);

[[noreturn]] inline void fail(const std::string& what) { throw std::runtime_error(what); }

class Device {
 public:
  // Loads the kernels' fatbin.
  explicit Device(const std::string& fatbin);
  ~Device();
  Device(const Device&) = delete;

  std::string name() const;

  // That a block can have.
  int shared_bytes() const;

  // At most so many blocks a launch, so that few values need several turns of a grid-stride loop. 0: as in the product.
  void limit_blocks(unsigned blocks) { limit_ = blocks; }

  // As the product launches them: 256 threads a block and a thread a value, up to 8 blocks a multiprocessor.
  template <class... Arguments>
  void launch(const char* kernel, int64_t work, Arguments... arguments) const {
    void* addresses[] = {&arguments...};
    const int64_t blocks = (work + 255) / 256, limit = limit_ != 0 ? limit_ : 8 * multiprocessors_;
    run(kernel, {static_cast<unsigned>(blocks < limit ? blocks : limit), 1, 256, 0}, addresses);
  }

  template <class... Arguments>
  void launch_block(const char* kernel, unsigned threads, Arguments... arguments) const {
    void* addresses[] = {&arguments...};
    run(kernel, {1, 1, threads, 0}, addresses);
  }

  struct Geometry {
    unsigned x, y, threads, shared_bytes;
  };

  // A kernel whose parameters are one struct.
  void launch_struct(const char* kernel, const Geometry& geometry, std::vector<uint64_t> words) const {
    void* addresses[] = {words.data()};
    run(kernel, geometry, addresses);
  }

 private:
  void run(const char* kernel, const Geometry& geometry, void** arguments) const;

  CUdevice device_ = 0;
  CUcontext context_ = nullptr;
  CUmodule module_ = nullptr;
  int multiprocessors_ = 0;
  unsigned limit_ = 0;
};

// What no order of tiles changes; what blocks sum over their tiles, and parts of such sums, one of each block.
enum class Content { kValues, kSums, kParts };

// Values of a Memory that there is now.
struct Allocation {
  CUdeviceptr address;
  size_t bytes;
  Content content;
  int64_t parts;
};

inline std::vector<Allocation>& allocations() {
  static std::vector<Allocation> all;
  return all;
}

// Values on the device between guard bands, `skew` values behind a 256-byte boundary.
template <class T>
class Memory {
 public:
  explicit Memory(const std::vector<T>& values, size_t skew = 0, Content content = Content::kValues, int64_t parts = 1)
      : before_(256 / sizeof(T) + skew), count_(values.size()), bytes_((before_ + count_) * sizeof(T) + 256, kGuard) {
    std::memcpy(bytes_.data() + before_ * sizeof(T), values.data(), count_ * sizeof(T));
    require(cuMemAlloc(&address_, bytes_.size()), "cuMemAlloc");
    require(cuMemcpyHtoD(address_, bytes_.data(), bytes_.size()), "cuMemcpyHtoD");
    allocations().push_back({at(), count_ * sizeof(T), content, parts});
  }
  ~Memory() {
    auto& all = allocations();
    all.erase(std::find_if(all.begin(), all.end(), [this](const Allocation& each) { return each.address == at(); }));
    cuMemFree(address_);
  }
  Memory(const Memory&) = delete;

  // The device address of a value.
  CUdeviceptr at(int64_t index = 0) const { return address_ + (before_ + static_cast<size_t>(index)) * sizeof(T); }

  // The values, after a look at the guard bands.
  std::vector<T> read(const std::string& what) const {
    std::vector<unsigned char> now(bytes_.size());
    require(cuMemcpyDtoH(now.data(), address_, now.size()), what + ": cuMemcpyDtoH");
    std::vector<T> values(count_);
    std::memcpy(values.data(), now.data() + before_ * sizeof(T), count_ * sizeof(T));
    std::memset(now.data() + before_ * sizeof(T), kGuard, count_ * sizeof(T));
    if (now != std::vector<unsigned char>(now.size(), kGuard)) fail(what + ": a guard band was overwritten");
    return values;
  }

  void expect(const std::vector<T>& expected, const std::string& what) const {
    const std::vector<T> values = read(what);
    for (size_t i = 0; i < count_; i++) {
      if (std::memcmp(&values[i], &expected[i], sizeof(T)) != 0) {
        fail(what + ": value " + std::to_string(i) + " is " + std::to_string(values[i]) + ", expected " +
             std::to_string(expected[i]));
      }
    }
  }

 private:
  static constexpr unsigned char kGuard = 0xA5;

  size_t before_, count_;
  std::vector<unsigned char> bytes_;
  CUdeviceptr address_ = 0;
};

constexpr float kNaN = std::numeric_limits<float>::quiet_NaN();

inline std::vector<float> normal(size_t count, uint32_t seed, float scale = 1) {
  std::mt19937 engine(seed);
  std::normal_distribution<float> distribution(0, scale);
  std::vector<float> values(count);
  for (float& value : values) value = distribution(engine);
  return values;
}

// Where a slice of `channels` lies in rows of `channels` + `wider` values.
struct Layout {
  int64_t wider, offset;
};

// Rows as vectors of 4, 2 and 1 floats: packed, and with slices whose neighbours must not change.
constexpr Layout kLayouts[] = {{0, 0}, {4, 4}, {24, 20}, {2, 2}, {12, 6}, {1, 1}, {5, 3}};

// A slice of `pixels` rows within NaN.
class Slice {
 public:
  Slice(int64_t pixels, int64_t channels, const Layout& layout)
      : pitch(channels + layout.wider),
        offset(layout.offset),
        values(static_cast<size_t>(pixels * (channels + layout.wider)), kNaN) {}

  float& at(int64_t pixel, int64_t channel) { return values[static_cast<size_t>(pixel * pitch + offset + channel)]; }
  float at(int64_t pixel, int64_t channel) const {
    return values[static_cast<size_t>(pixel * pitch + offset + channel)];
  }

  void fill(int64_t pixels, int64_t channels, uint32_t seed) {
    const std::vector<float> drawn = normal(static_cast<size_t>(pixels * channels), seed);
    for (int64_t i = 0; i < pixels * channels; i++) at(i / channels, i % channels) = drawn[static_cast<size_t>(i)];
  }

  int64_t pitch, offset;
  std::vector<float> values;
};

// What kernels read of a step, as it lies in memory.
std::vector<int64_t> words(const dn_control& control);

struct Shape {
  int64_t pixels, channels;
};

std::vector<Shape> shapes();
std::string name(const char* kernel, const Shape& shape, const Layout& to, const Layout& from);

// Calls f(shape, target's layout, source's layout). The many pixels only meet a few layouts: interpreting takes time.
template <class F>
void each_case(const F& f) {
  constexpr size_t kCount = sizeof(kLayouts) / sizeof(kLayouts[0]);
  for (const Shape& shape : shapes()) {
    const size_t step = shape.pixels * shape.channels > 10000 ? 3 : 1;
    for (size_t i = 0; i < kCount; i += step) {
      f(shape, kLayouts[i], kLayouts[0]);
      f(shape, kLayouts[(i + 2) % kCount], kLayouts[i]);
    }
  }
}

// One a file; each throws if a kernel does not do what it should.
void test_concat(const Device& device);
void test_dropout(const Device& device);
void test_softmax_xent(const Device& device);
void test_sgd_nesterov(const Device& device);
void test_filter_transpose(const Device& device);
void test_bn(const Device& device);
void test_progress_mark(const Device& device);
void test_weights(const Device& device);
void test_input_normalize(const Device& device);
void test_bnrelu_conv1x1_fprop(const Device& device);
void test_bnrelu_conv1x1_bprop(const Device& device);
void test_bnrelu_conv3x3_fprop(const Device& device);
void test_bnrelu_conv3x3_bprop(const Device& device);
void test_bottleneck_infer(const Device& device);
void test_bottleneck_infer_layers(const Device& device);
void test_transition(const Device& device);
void test_stem_conv(const Device& device);
void test_bnrelu_maxpool(const Device& device);
void test_head(const Device& device);
void test_consumer_gradients(const Device& device);
void test_dropout_correction(const Device& device);

}  // namespace kernels_test
#endif
