// Softmax: values, gradients and large logits.
#include <cmath>

#include "cudnn_test.h"

using namespace cudnn_test;

namespace {

const cudnnSoftmaxAlgorithm_t kAlgorithms[] = {CUDNN_SOFTMAX_FAST, CUDNN_SOFTMAX_ACCURATE, CUDNN_SOFTMAX_LOG};
const cudnnSoftmaxMode_t kModes[] = {CUDNN_SOFTMAX_MODE_INSTANCE, CUDNN_SOFTMAX_MODE_CHANNEL};

// Which sum an element belongs to.
size_t instance(const Layout& layout, cudnnSoftmaxMode_t mode, int n, int h, int w) {
  return mode == CUDNN_SOFTMAX_MODE_INSTANCE ? n : (n * layout.h + h) * layout.w + w;
}

void check_softmax(const Handle& handle, const Layout& layout, cudnnSoftmaxAlgorithm_t algorithm,
                   cudnnSoftmaxMode_t mode) {
  const float alpha = 0.5f, beta = 2;
  const bool log = algorithm == CUDNN_SOFTMAX_LOG;
  const Tensor x(layout, 1), y(layout, 2), plain(layout, 3), dy(layout, 4), dx(layout, 5);
  std::vector<double> sum(static_cast<size_t>(layout.n * layout.h * layout.w)), product(sum.size());
  layout.each([&](int n, int c, int h, int w) { sum[instance(layout, mode, n, h, w)] += std::exp(x.was(n, c, h, w)); });
  const auto value = [&](int n, int c, int h, int w) {
    const double probability = std::exp(x.was(n, c, h, w)) / sum[instance(layout, mode, n, h, w)];
    return log ? std::log(probability) : probability;
  };
  OK(cudnnSoftmaxForward(handle, algorithm, mode, &alpha, x.desc, x.device(), &beta, y.desc, y.device()));
  check_elements(y, 1e-6, [&](int n, int c, int h, int w) {
    return alpha * value(n, c, h, w) + beta * y.was(n, c, h, w);
  });
  OK(cudnnSoftmaxForward(handle, algorithm, mode, &kOne, x.desc, x.device(), &kZero, plain.desc, plain.device()));
  OK(cudnnSoftmaxBackward(handle, algorithm, mode, &alpha, plain.desc, plain.device(), dy.desc, dy.device(), &beta,
                          dx.desc, dx.device()));
  layout.each([&](int n, int c, int h, int w) {
    product[instance(layout, mode, n, h, w)] += dy.was(n, c, h, w) * (log ? 1 : value(n, c, h, w));
  });
  check_elements(dx, 1e-5, [&](int n, int c, int h, int w) {
    const double v = value(n, c, h, w), p = product[instance(layout, mode, n, h, w)], g = dy.was(n, c, h, w);
    return alpha * (log ? g - std::exp(v) * p : v * (g - p)) + beta * dx.was(n, c, h, w);
  });
}

void softmax() {
  const Handle handle;
  for (const Layout& layout : {Layout::nhwc(3, 10, 1, 1), Layout::nchw(2, 5, 3, 2), Layout::pitched(2, 5, 3, 2, 9)}) {
    for (cudnnSoftmaxAlgorithm_t algorithm : kAlgorithms) {
      for (cudnnSoftmaxMode_t mode : kModes) check_softmax(handle, layout, algorithm, mode);
    }
  }
}

void softmax_of_large_logits() {
  const Handle handle;
  const Layout layout = Layout::nhwc(1, 2, 1, 1);
  const Tensor x(layout, {1000, 1000}), y(layout, {0, 0});
  const auto forward = [&](cudnnSoftmaxAlgorithm_t algorithm) {
    OK(cudnnSoftmaxForward(handle, algorithm, CUDNN_SOFTMAX_MODE_CHANNEL, &kOne, x.desc, x.device(), &kZero, y.desc,
                           y.device()));
    return y.read()[0];
  };
  CHECK_NEAR(forward(CUDNN_SOFTMAX_ACCURATE), 0.5, 1e-7);
  CHECK_NEAR(forward(CUDNN_SOFTMAX_LOG), std::log(0.5), 1e-6);
  CHECK(std::isnan(forward(CUDNN_SOFTMAX_FAST)));
  CHECK_CODE(cudnnSoftmaxForward(handle, static_cast<cudnnSoftmaxAlgorithm_t>(3), CUDNN_SOFTMAX_MODE_CHANNEL, &kOne,
                                 x.desc, x.device(), &kZero, y.desc, y.device()),
             CUDNN_STATUS_BAD_PARAM);
}

}  // namespace

int main() {
  return library_test::run_tests(
      {{"softmax", softmax}, {"softmax_of_large_logits", softmax_of_large_logits}});
}
