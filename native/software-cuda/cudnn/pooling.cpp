// Maxima and means of windows, and their gradients.
#include "pooling.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

using namespace software_cudnn;

namespace {

struct Window {
  int64_t top, bottom, left, right;  // inside the image, the ends not included

  int64_t pixels() const { return (bottom - top) * (right - left); }
};

struct ForwardWork {
  cudnnPoolingStruct desc;
  Blend blend;
  Tensor x, y;
};

struct BackwardWork {
  cudnnPoolingStruct desc;
  Blend blend;
  Tensor y, dy, x, dx;
};

bool takes_maximum(const cudnnPoolingStruct& desc) {
  return desc.mode == CUDNN_POOLING_MAX || desc.mode == CUDNN_POOLING_MAX_DETERMINISTIC;
}

Window window_at(const cudnnPoolingStruct& desc, const Shape& x, int64_t p, int64_t q) {
  const int64_t top = p * desc.stride[0] - desc.pad[0], left = q * desc.stride[1] - desc.pad[1];
  return {std::max<int64_t>(top, 0), std::min(top + desc.window[0], x.h()), std::max<int64_t>(left, 0),
          std::min(left + desc.window[1], x.w())};
}

// Where the window's maximum is: the first of equal ones, row by row. A NaN counts as the greatest or as the least.
struct Maximum {
  float value = -std::numeric_limits<float>::infinity();
  int64_t row = -1, column = -1;

  Maximum(const cudnnPoolingStruct& desc, const Shape& shape, const float* x, const Window& window, int64_t n,
          int64_t c) {
    for (int64_t h = window.top; h < window.bottom; h++) {
      for (int64_t w = window.left; w < window.right; w++) {
        const float candidate = x[shape.at(n, c, h, w)];
        const bool wins = std::isnan(candidate) ? desc.nan == CUDNN_PROPAGATE_NAN && !std::isnan(value)
                                                : candidate > value || row < 0;
        if (wins) *this = Maximum(candidate, h, w);
      }
    }
  }

 private:
  Maximum(float value, int64_t row, int64_t column) : value(value), row(row), column(column) {}
};

// What a window's sum is divided by.
float divisor(const cudnnPoolingStruct& desc, const Window& window) {
  const bool padding = desc.mode == CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING;
  return static_cast<float>(padding ? int64_t{desc.window[0]} * desc.window[1] : window.pixels());
}

float mean(const cudnnPoolingStruct& desc, const Shape& shape, const float* x, const Window& window, int64_t n,
           int64_t c) {
  float sum = 0;
  for (int64_t h = window.top; h < window.bottom; h++) {
    for (int64_t w = window.left; w < window.right; w++) sum += x[shape.at(n, c, h, w)];
  }
  return sum / divisor(desc, window);
}

template <class Visit>
void each_window(const cudnnPoolingStruct& desc, const Shape& x, const Shape& y, const Visit& visit) {
  for (int64_t n = 0; n < y.n(); n++) {
    for (int64_t p = 0; p < y.h(); p++) {
      for (int64_t q = 0; q < y.w(); q++) {
        const Window window = window_at(desc, x, p, q);
        for (int64_t c = 0; c < y.c(); c++) visit(window, n, c, p, q);
      }
    }
  }
}

void forward(const ForwardWork& work) {
  const Shape &from = work.x.shape, &to = work.y.shape;
  const float* x = work.x.map();
  float* y = work.y.map();
  each_window(work.desc, from, to, [&](const Window& window, int64_t n, int64_t c, int64_t p, int64_t q) {
    const float value = takes_maximum(work.desc) ? Maximum(work.desc, from, x, window, n, c).value
                                                 : mean(work.desc, from, x, window, n, c);
    work.blend(y + to.at(n, c, p, q), value);
  });
}

// Gradients are summed apart from dx, as windows overlap. No value of y is needed, but y has to be there.
void backward(const BackwardWork& work) {
  const Shape &to = work.dx.shape, &from = work.dy.shape;
  const float *x = work.x.map(), *dy = work.dy.map();
  work.y.map();
  float* dx = work.dx.map();
  const Shape sums_shape = packed(to.n(), to.c(), to.h(), to.w(), CUDNN_TENSOR_NHWC);
  std::vector<float> sums(static_cast<size_t>(to.elements()));
  each_window(work.desc, to, from, [&](const Window& window, int64_t n, int64_t c, int64_t p, int64_t q) {
    const float gradient = dy[from.at(n, c, p, q)];
    if (takes_maximum(work.desc)) {
      const Maximum maximum(work.desc, work.x.shape, x, window, n, c);
      if (maximum.row >= 0) sums[sums_shape.at(n, c, maximum.row, maximum.column)] += gradient;
      return;
    }
    const float share = gradient / divisor(work.desc, window);
    for (int64_t h = window.top; h < window.bottom; h++) {
      for (int64_t w = window.left; w < window.right; w++) sums[sums_shape.at(n, c, h, w)] += share;
    }
  });
  to.each([&](const Element& e) { work.blend(dx + to.at(e), sums[sums_shape.at(e)]); });
}

void require_pooled(const cudnnPoolingStruct& desc, const Shape& x, const Shape& y) {
  require_parameter(x.n() == y.n() && x.c() == y.c(), "input and output are of different batch sizes or channels");
  require_support(desc.pad[0] < desc.window[0] && desc.pad[1] < desc.window[1], "a window would lie in the padding");
  require_parameter(y.h() == pooled_size(desc, x, 0) && y.w() == pooled_size(desc, x, 1),
                    "the output's height or width is not what the pooling gives");
}

}  // namespace

cudnnStatus_t cudnnPoolingForward(cudnnHandle_t handle, cudnnPoolingDescriptor_t desc, const void* alpha,
                                  cudnnTensorDescriptor_t x_desc, const void* x, const void* beta,
                                  cudnnTensorDescriptor_t y_desc, void* y) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, alpha, x, beta, y);
    require_set(desc);
    const Tensor from = tensor(x_desc, x), to = tensor(y_desc, y);
    require_pooled(*desc, from.shape, to.shape);
    require_parameter(from.address != to.address, "pooling does not work in place");
    enqueue<forward>(*handle, function, ForwardWork{*desc, blend_of(alpha, beta), from, to});
  });
}

cudnnStatus_t cudnnPoolingBackward(cudnnHandle_t handle, cudnnPoolingDescriptor_t desc, const void* alpha,
                                   cudnnTensorDescriptor_t y_desc, const void* y, cudnnTensorDescriptor_t dy_desc,
                                   const void* dy, cudnnTensorDescriptor_t x_desc, const void* x, const void* beta,
                                   cudnnTensorDescriptor_t dx_desc, void* dx) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, alpha, y, dy, x, beta, dx);
    require_set(desc);
    const BackwardWork work = {*desc,
                               blend_of(alpha, beta),
                               tensor(y_desc, y),
                               tensor(dy_desc, dy),
                               tensor(x_desc, x),
                               tensor(dx_desc, dx)};
    require_pooled(*desc, work.x.shape, work.y.shape);
    require_parameter(work.y.shape.has_sizes_of(work.dy.shape), "output and output gradient are of different sizes");
    require_parameter(work.y.shape.has_strides_of(work.dy.shape),
                      "output and output gradient are of different strides");
    require_parameter(work.x.shape.has_sizes_of(work.dx.shape), "input and input gradient are of different sizes");
    require_parameter(work.x.shape.has_strides_of(work.dx.shape), "input and input gradient are of different strides");
    enqueue<backward>(*handle, function, work);
  });
}
