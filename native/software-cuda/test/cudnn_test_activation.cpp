// Activations: values, gradients, NaN and work in place.
#include <algorithm>
#include <cmath>

#include "cudnn_test.h"

using namespace cudnn_test;

namespace {

class Activation {
 public:
  Activation(cudnnActivationMode_t mode, cudnnNanPropagation_t nan, double coefficient) {
    OK(cudnnCreateActivationDescriptor(&desc_));
    OK(cudnnSetActivationDescriptor(desc_, mode, nan, coefficient));
  }
  ~Activation() { cudnnDestroyActivationDescriptor(desc_); }
  Activation(const Activation&) = delete;
  operator cudnnActivationDescriptor_t() const { return desc_; }

 private:
  cudnnActivationDescriptor_t desc_ = nullptr;
};

struct Function {
  cudnnActivationMode_t mode;
  double (*value)(double x, double coefficient);
  double (*gradient)(double x, double coefficient);
};

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

const Function kFunctions[] = {
    {CUDNN_ACTIVATION_RELU, [](double x, double) { return std::max(x, 0.0); },
     [](double x, double) { return x > 0 ? 1.0 : 0.0; }},
    {CUDNN_ACTIVATION_SIGMOID, [](double x, double) { return sigmoid(x); },
     [](double x, double) { return sigmoid(x) * (1 - sigmoid(x)); }},
    {CUDNN_ACTIVATION_TANH, [](double x, double) { return std::tanh(x); },
     [](double x, double) { return 1 - std::tanh(x) * std::tanh(x); }},
    {CUDNN_ACTIVATION_CLIPPED_RELU, [](double x, double c) { return std::min(std::max(x, 0.0), c); },
     [](double x, double c) { return x > 0 && x < c ? 1.0 : 0.0; }},
    {CUDNN_ACTIVATION_ELU, [](double x, double c) { return x < 0 ? c * (std::exp(x) - 1) : x; },
     [](double x, double c) { return x < 0 ? c * std::exp(x) : 1.0; }},
};

const double kCoefficient = 0.75;

void values_and_gradients() {
  const Handle handle;
  const float alpha = 0.5f, beta = -2;
  for (const Layout& layout : {Layout::nhwc(2, 3, 4, 5), Layout::pitched(2, 3, 4, 5, 7), Layout::ragged(2, 3, 4, 5)}) {
    for (const Function& function : kFunctions) {
      const Activation activation(function.mode, CUDNN_PROPAGATE_NAN, kCoefficient);
      const Tensor x(layout, 1), y(Layout::nchw(2, 3, 4, 5), 2), dy(layout, 3), dx(layout, 4), plain(layout, 5);
      OK(cudnnActivationForward(handle, activation, &alpha, x.desc, x.device(), &beta, y.desc, y.device()));
      check_elements(y, 1e-6, [&](int n, int c, int h, int w) {
        return alpha * function.value(x.was(n, c, h, w), kCoefficient) + beta * y.was(n, c, h, w);
      });
      OK(cudnnActivationForward(handle, activation, &kOne, x.desc, x.device(), &kZero, plain.desc, plain.device()));
      OK(cudnnActivationBackward(handle, activation, &alpha, plain.desc, plain.device(), dy.desc, dy.device(), x.desc,
                                 x.device(), &beta, dx.desc, dx.device()));
      check_elements(dx, 1e-5, [&](int n, int c, int h, int w) {
        return alpha * dy.was(n, c, h, w) * function.gradient(x.was(n, c, h, w), kCoefficient) +
               beta * dx.was(n, c, h, w);
      });
    }
  }
}

void nan_is_kept_or_not() {
  const Handle handle;
  const Layout layout = Layout::nhwc(1, 3, 1, 1);
  for (cudnnNanPropagation_t nan : {CUDNN_NOT_PROPAGATE_NAN, CUDNN_PROPAGATE_NAN}) {
    for (cudnnActivationMode_t mode : {CUDNN_ACTIVATION_RELU, CUDNN_ACTIVATION_CLIPPED_RELU}) {
      const Tensor x(layout, {NAN, 1, -1}), y(layout, {7, 7, 7});
      OK(cudnnActivationForward(handle, Activation(mode, nan, 6), &kOne, x.desc, x.device(), &kZero, y.desc,
                                y.device()));
      const std::vector<float> found = y.read();
      CHECK(nan == CUDNN_PROPAGATE_NAN ? std::isnan(found[0]) : found[0] == 0);
      CHECK(found[1] == 1 && found[2] == 0);
    }
  }
}

void in_place() {
  const Handle handle;
  const Activation relu(CUDNN_ACTIVATION_RELU, CUDNN_PROPAGATE_NAN, 0);
  const Tensor x(Layout::nhwc(2, 3, 2, 2), 1), dy(Layout::nhwc(2, 3, 2, 2), 2), other(Layout::nchw(2, 3, 2, 2), 3);
  CHECK_CODE(cudnnActivationForward(handle, relu, &kOne, x.desc, x.device(), &kZero, other.desc, x.device()),
             CUDNN_STATUS_BAD_PARAM);
  OK(cudnnActivationForward(handle, relu, &kOne, x.desc, x.device(), &kZero, x.desc, x.device()));
  check_elements(x, 0, [&](int n, int c, int h, int w) { return std::max(x.was(n, c, h, w), 0.0f); });
  OK(cudnnActivationBackward(handle, relu, &kOne, x.desc, x.device(), dy.desc, dy.device(), x.desc, x.device(), &kZero,
                             dy.desc, dy.device()));
  check_elements(dy, 0, [&](int n, int c, int h, int w) { return x.was(n, c, h, w) > 0 ? dy.was(n, c, h, w) : 0; });
}

void wrong_arguments() {
  const Handle handle;
  const Activation relu(CUDNN_ACTIVATION_RELU, CUDNN_PROPAGATE_NAN, 0);
  const Activation swish(CUDNN_ACTIVATION_SWISH, CUDNN_PROPAGATE_NAN, 1);
  const Tensor x(Layout::nhwc(2, 3, 2, 2), 1), small(Layout::nhwc(2, 3, 2, 1), 2), planes(Layout::nchw(2, 3, 2, 2), 3);
  const auto forward = [&](cudnnActivationDescriptor_t desc, const Tensor& y) {
    return cudnnActivationForward(handle, desc, &kOne, x.desc, x.device(), &kZero, y.desc, y.device());
  };
  CHECK_CODE(forward(relu, small), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(forward(swish, planes), CUDNN_STATUS_NOT_SUPPORTED);
  CHECK_CODE(forward(nullptr, planes), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(cudnnActivationBackward(handle, relu, &kOne, x.desc, x.device(), planes.desc, planes.device(), x.desc,
                                     x.device(), &kZero, x.desc, x.device()),
             CUDNN_STATUS_NOT_SUPPORTED);
  CHECK_CODE(cudnnSetActivationDescriptor(relu, static_cast<cudnnActivationMode_t>(7), CUDNN_PROPAGATE_NAN, 0),
             CUDNN_STATUS_BAD_PARAM);
}

}  // namespace

int main() {
  return library_test::run_tests({{"values_and_gradients", values_and_gradients},
                                  {"nan_is_kept_or_not", nan_is_kept_or_not},
                                  {"in_place", in_place},
                                  {"wrong_arguments", wrong_arguments}});
}
