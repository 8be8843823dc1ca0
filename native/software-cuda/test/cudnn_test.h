// What the tests of cuDNN's stand-in share: a handle, and tensors with their descriptors.
#ifndef DENSENET4J_SOFTWARE_CUDA_CUDNN_TEST_H
#define DENSENET4J_SOFTWARE_CUDA_CUDNN_TEST_H

#include <memory>

#include "cudnn_abi.h"
#include "library_test.h"

namespace cudnn_test {

using library_test::Buffer;
using library_test::random_floats;

class Handle {
 public:
  Handle() { OK(cudnnCreate(&handle_)); }
  ~Handle() { cudnnDestroy(handle_); }
  Handle(const Handle&) = delete;
  operator cudnnHandle_t() const { return handle_; }

 private:
  cudnnHandle_t handle_ = nullptr;
};

struct Layout {
  int n, c, h, w;
  int stride[4];

  static Layout nhwc(int n, int c, int h, int w) { return pitched(n, c, h, w, c); }
  static Layout nchw(int n, int c, int h, int w) { return {n, c, h, w, {c * h * w, h * w, w, 1}}; }
  // NHWC with `pitch` floats from pixel to pixel.
  static Layout pitched(int n, int c, int h, int w, int pitch) {
    return {n, c, h, w, {h * w * pitch, 1, w * pitch, pitch}};
  }
  // NCHW with a gap after each row, image plane and image.
  static Layout ragged(int n, int c, int h, int w) {
    const int row = w + 2, plane = h * row + 3;
    return {n, c, h, w, {c * plane + 5, plane, row, 1}};
  }

  size_t at(int i, int channel, int y, int x) const {
    return static_cast<size_t>(i) * stride[0] + static_cast<size_t>(channel) * stride[1] +
           static_cast<size_t>(y) * stride[2] + static_cast<size_t>(x) * stride[3];
  }
  size_t extent() const { return at(n - 1, c - 1, h - 1, w - 1) + 1; }

  template <class Visit>
  void each(const Visit& visit) const {
    for (int i = 0; i < n; i++) {
      for (int channel = 0; channel < c; channel++) {
        for (int y = 0; y < h; y++) {
          for (int x = 0; x < w; x++) visit(i, channel, y, x);
        }
      }
    }
  }
};

// A tensor on the device and as it was on the host.
class Tensor {
 public:
  Tensor(const Layout& layout, const std::vector<float>& values) : layout(layout), host(values), buffer_(values) {
    OK(cudnnCreateTensorDescriptor(&desc));
    const int* s = layout.stride;
    OK(cudnnSetTensor4dDescriptorEx(desc, CUDNN_DATA_FLOAT, layout.n, layout.c, layout.h, layout.w, s[0], s[1], s[2],
                                    s[3]));
  }
  Tensor(const Layout& layout, uint32_t seed) : Tensor(layout, random_floats(layout.extent(), seed)) {}
  ~Tensor() { cudnnDestroyTensorDescriptor(desc); }
  Tensor(const Tensor&) = delete;

  float* device() const { return buffer_.device(); }
  float was(int n, int c, int h, int w) const { return host[layout.at(n, c, h, w)]; }
  void restore() const { buffer_.write(host); }

  // What is on the device now. Checks that what lies between the elements is as it was.
  std::vector<float> read() const {
    const std::vector<float> now = buffer_.read();
    std::vector<float> gaps_now = now, gaps_then = host;
    layout.each([&](int n, int c, int h, int w) {
      gaps_now[layout.at(n, c, h, w)] = 0;
      gaps_then[layout.at(n, c, h, w)] = 0;
    });
    CHECK(library_test::same_bits(gaps_now, gaps_then));
    return now;
  }

  const Layout layout;
  const std::vector<float> host;
  cudnnTensorDescriptor_t desc = nullptr;

 private:
  Buffer buffer_;
};

// Checks that every element of `tensor` is what expected(n, c, h, w) says.
template <class Expected>
void check_elements(const Tensor& tensor, double tolerance, const Expected& expected) {
  const std::vector<float> found = tensor.read();
  tensor.layout.each([&](int n, int c, int h, int w) {
    CHECK_NEAR(found[tensor.layout.at(n, c, h, w)], expected(n, c, h, w), tolerance);
  });
}

inline std::string last_error() {
  char message[256];
  cudnnGetLastErrorString(message, sizeof message);
  return message;
}

inline constexpr float kZero = 0, kOne = 1;

}  // namespace cudnn_test
#endif
