// Pooling: maxima and means of overlapping and padded windows, their gradients, ties and NaN.
#include <algorithm>
#include <cmath>

#include "cudnn_test.h"

using namespace cudnn_test;

namespace {

struct Windows {
  int window, pad, stride;

  int out(int size) const { return (size + 2 * pad - window) / stride + 1; }
};

class Pooling {
 public:
  Pooling(cudnnPoolingMode_t mode, const Windows& windows, cudnnNanPropagation_t nan = CUDNN_PROPAGATE_NAN) {
    OK(cudnnCreatePoolingDescriptor(&desc_));
    OK(cudnnSetPooling2dDescriptor(desc_, mode, nan, windows.window, windows.window, windows.pad, windows.pad,
                                   windows.stride, windows.stride));
  }
  ~Pooling() { cudnnDestroyPoolingDescriptor(desc_); }
  Pooling(const Pooling&) = delete;
  operator cudnnPoolingDescriptor_t() const { return desc_; }

 private:
  cudnnPoolingDescriptor_t desc_ = nullptr;
};

const cudnnPoolingMode_t kModes[] = {CUDNN_POOLING_MAX, CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING,
                                     CUDNN_POOLING_AVERAGE_COUNT_EXCLUDE_PADDING, CUDNN_POOLING_MAX_DETERMINISTIC};
const Windows kWindows[] = {{2, 0, 2}, {3, 1, 2}, {3, 1, 1}, {4, 0, 3}, {5, 2, 2}};

bool is_maximum(cudnnPoolingMode_t mode) {
  return mode == CUDNN_POOLING_MAX || mode == CUDNN_POOLING_MAX_DETERMINISTIC;
}

// Visits the image's pixels in the window of output (p, q).
template <class Visit>
void each_in_window(const Windows& windows, const Layout& x, int p, int q, const Visit& visit) {
  for (int r = 0; r < windows.window; r++) {
    for (int s = 0; s < windows.window; s++) {
      const int h = p * windows.stride - windows.pad + r, w = q * windows.stride - windows.pad + s;
      if (h >= 0 && h < x.h && w >= 0 && w < x.w) visit(h, w);
    }
  }
}

// What each pixel contributes to the window's value: the first maximum all, or all the same.
template <class Visit>
void each_share(cudnnPoolingMode_t mode, const Windows& windows, const Tensor& x, int n, int c, int p, int q,
                const Visit& visit) {
  int best_h = -1, best_w = -1, count = 0;
  each_in_window(windows, x.layout, p, q, [&](int h, int w) {
    count++;
    if (best_h < 0 || x.was(n, c, h, w) > x.was(n, c, best_h, best_w)) best_h = h, best_w = w;
  });
  if (is_maximum(mode)) return visit(best_h, best_w, 1.0);
  if (mode == CUDNN_POOLING_AVERAGE_COUNT_INCLUDE_PADDING) count = windows.window * windows.window;
  each_in_window(windows, x.layout, p, q, [&](int h, int w) { visit(h, w, 1.0 / count); });
}

void check(const Handle& handle, const Layout& in, const Layout& out, cudnnPoolingMode_t mode, const Windows& windows) {
  const float alpha = 0.5f, beta = 2;
  const Pooling pooling(mode, windows);
  const Tensor x(in, 1), y(out, 2), dy(out, 3), dx(in, 4);
  int n_out, c_out, h_out, w_out;
  OK(cudnnGetPooling2dForwardOutputDim(pooling, x.desc, &n_out, &c_out, &h_out, &w_out));
  CHECK(n_out == out.n && c_out == out.c && h_out == out.h && w_out == out.w);
  OK(cudnnPoolingForward(handle, pooling, &alpha, x.desc, x.device(), &beta, y.desc, y.device()));
  std::vector<double> gradient(in.extent());
  check_elements(y, 1e-5, [&](int n, int c, int p, int q) {
    double value = 0;
    each_share(mode, windows, x, n, c, p, q, [&](int h, int w, double share) {
      value += share * x.was(n, c, h, w);
      gradient[in.at(n, c, h, w)] += share * dy.was(n, c, p, q);
    });
    return alpha * value + beta * y.was(n, c, p, q);
  });
  OK(cudnnPoolingForward(handle, pooling, &kOne, x.desc, x.device(), &kZero, y.desc, y.device()));
  OK(cudnnPoolingBackward(handle, pooling, &alpha, y.desc, y.device(), dy.desc, dy.device(), x.desc, x.device(), &beta,
                          dx.desc, dx.device()));
  check_elements(dx, 1e-5, [&](int n, int c, int h, int w) {
    return alpha * gradient[in.at(n, c, h, w)] + beta * dx.was(n, c, h, w);
  });
}

void values_and_gradients() {
  const Handle handle;
  for (const Windows& windows : kWindows) {
    const int h = windows.out(9), w = windows.out(7);
    for (cudnnPoolingMode_t mode : kModes) {
      check(handle, Layout::nhwc(2, 5, 9, 7), Layout::nhwc(2, 5, h, w), mode, windows);
      check(handle, Layout::nchw(2, 5, 9, 7), Layout::nchw(2, 5, h, w), mode, windows);
      check(handle, Layout::pitched(2, 5, 9, 7, 8), Layout::ragged(2, 5, h, w), mode, windows);
    }
  }
}

void nan_wins_or_not() {
  const Handle handle;
  const Layout in = Layout::nhwc(1, 1, 2, 2), out = Layout::nhwc(1, 1, 1, 1);
  for (const std::vector<float>& values : {std::vector<float>{NAN, 1, -2, 3}, std::vector<float>{1, 3, NAN, 2}}) {
    const Tensor x(in, values), y(out, {0});
    const Pooling keeps(CUDNN_POOLING_MAX, {2, 0, 2}, CUDNN_PROPAGATE_NAN);
    OK(cudnnPoolingForward(handle, keeps, &kOne, x.desc, x.device(), &kZero, y.desc, y.device()));
    CHECK(std::isnan(y.read()[0]));
    const Pooling drops(CUDNN_POOLING_MAX, {2, 0, 2}, CUDNN_NOT_PROPAGATE_NAN);
    OK(cudnnPoolingForward(handle, drops, &kOne, x.desc, x.device(), &kZero, y.desc, y.device()));
    CHECK(y.read()[0] == 3);
  }
}

void first_of_equal_maxima_takes_the_gradient() {
  const Handle handle;
  const Layout in = Layout::nhwc(1, 1, 2, 2), out = Layout::nhwc(1, 1, 1, 1);
  const Tensor x(in, {0, 5, 5, 5}), y(out, {5}), dy(out, {2}), dx(in, {9, 9, 9, 9});
  const Pooling pooling(CUDNN_POOLING_MAX_DETERMINISTIC, {2, 0, 2});
  OK(cudnnPoolingBackward(handle, pooling, &kOne, y.desc, y.device(), dy.desc, dy.device(), x.desc, x.device(), &kZero,
                          dx.desc, dx.device()));
  CHECK(dx.read() == std::vector<float>({0, 2, 0, 0}));
}

void wrong_arguments() {
  const Handle handle;
  const Pooling pooling(CUDNN_POOLING_MAX, {2, 0, 2});
  const Tensor x(Layout::nhwc(1, 2, 4, 4), 1), y(Layout::nhwc(1, 2, 2, 2), 2), wrong(Layout::nhwc(1, 2, 2, 3), 3),
      channels(Layout::nhwc(1, 3, 2, 2), 4), planes(Layout::nchw(1, 2, 2, 2), 5);
  const auto forward = [&](cudnnPoolingDescriptor_t desc, const Tensor& to) {
    return cudnnPoolingForward(handle, desc, &kOne, x.desc, x.device(), &kZero, to.desc, to.device());
  };
  OK(forward(pooling, y));
  CHECK_CODE(forward(pooling, wrong), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(forward(pooling, channels), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(forward(nullptr, y), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(forward(Pooling(CUDNN_POOLING_MAX, {2, 2, 4}), y), CUDNN_STATUS_NOT_SUPPORTED);
  CHECK_CODE(cudnnPoolingBackward(handle, pooling, &kOne, y.desc, y.device(), planes.desc, planes.device(), x.desc,
                                  x.device(), &kZero, x.desc, x.device()),
             CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(cudnnSetPooling2dDescriptor(pooling, CUDNN_POOLING_MAX, CUDNN_PROPAGATE_NAN, 0, 1, 0, 0, 1, 1),
             CUDNN_STATUS_BAD_PARAM);
  int n, c, h, w;
  CHECK_CODE(cudnnGetPooling2dForwardOutputDim(Pooling(CUDNN_POOLING_MAX, {5, 0, 1}), x.desc, &n, &c, &h, &w),
             CUDNN_STATUS_BAD_PARAM);
}

}  // namespace

int main() {
  return library_test::run_tests(
      {{"values_and_gradients", values_and_gradients},
       {"nan_wins_or_not", nan_wins_or_not},
       {"first_of_equal_maxima_takes_the_gradient", first_of_equal_maxima_takes_the_gradient},
       {"wrong_arguments", wrong_arguments}});
}
