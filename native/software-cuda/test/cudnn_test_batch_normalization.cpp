// Batch normalization against formulas in double.
#include <cmath>

#include "cudnn_test.h"

using namespace cudnn_test;

namespace {

const double kEpsilon = 1e-5, kFactor = 0.3;
const cudnnBatchNormMode_t kModes[] = {CUDNN_BATCHNORM_PER_ACTIVATION, CUDNN_BATCHNORM_SPATIAL,
                                       CUDNN_BATCHNORM_SPATIAL_PERSISTENT};

std::vector<Layout> layouts() {
  return {Layout::nhwc(4, 5, 3, 6), Layout::nchw(4, 5, 3, 6), Layout::pitched(3, 7, 4, 4, 12),
          Layout::ragged(5, 3, 2, 7)};
}

Layout parameters_of(const Layout& x, cudnnBatchNormMode_t mode) {
  const bool own = mode == CUDNN_BATCHNORM_PER_ACTIVATION;
  return Layout::nchw(1, x.c, own ? x.h : 1, own ? x.w : 1);
}

size_t parameter_at(const Layout& parameters, int c, int h, int w) {
  return parameters.at(0, c, parameters.h == 1 ? 0 : h, parameters.w == 1 ? 0 : w);
}

// Mean and biased variance of each parameter's elements.
struct Moments {
  std::vector<double> mean, variance;
  double count;

  Moments(const Tensor& x, const Layout& parameters)
      : mean(parameters.extent()),
        variance(mean.size()),
        count(1.0 * x.layout.n * x.layout.h * x.layout.w / (parameters.h * parameters.w)) {
    x.layout.each([&](int n, int c, int h, int w) { mean[parameter_at(parameters, c, h, w)] += x.was(n, c, h, w); });
    for (double& value : mean) value /= count;
    x.layout.each([&](int n, int c, int h, int w) {
      const size_t i = parameter_at(parameters, c, h, w);
      variance[i] += std::pow(x.was(n, c, h, w) - mean[i], 2) / count;
    });
  }

  double deviation(size_t i) const { return std::sqrt(variance[i] + kEpsilon); }
};

void check_training(const Handle& handle, const Layout& layout, cudnnBatchNormMode_t mode, float alpha, float beta) {
  const Layout parameters = parameters_of(layout, mode);
  const Tensor x(layout, 1), y(layout, 2), scale(parameters, 3), bias(parameters, 4), mean(parameters, 5),
      variance(parameters, 6), saved_mean(parameters, 7), saved_inv_variance(parameters, 8);
  OK(cudnnBatchNormalizationForwardTraining(handle, mode, &alpha, &beta, x.desc, x.device(), y.desc, y.device(),
                                            scale.desc, scale.device(), bias.device(), kFactor, mean.device(),
                                            variance.device(), kEpsilon, saved_mean.device(),
                                            saved_inv_variance.device()));
  const Moments moments(x, parameters);
  check_elements(y, 1e-5, [&](int n, int c, int h, int w) {
    const size_t i = parameter_at(parameters, c, h, w);
    const double normal = (x.was(n, c, h, w) - moments.mean[i]) / moments.deviation(i);
    return alpha * (scale.host[i] * normal + bias.host[i]) + beta * y.was(n, c, h, w);
  });
  const std::vector<float> new_mean = mean.read(), new_variance = variance.read(), new_saved = saved_mean.read(),
                           new_inverse = saved_inv_variance.read();
  for (size_t i = 0; i < parameters.extent(); i++) {
    const double unbiased = moments.variance[i] * moments.count / (moments.count - 1);
    CHECK_NEAR(new_mean[i], mean.host[i] * (1 - kFactor) + moments.mean[i] * kFactor, 1e-6);
    CHECK_NEAR(new_variance[i], variance.host[i] * (1 - kFactor) + unbiased * kFactor, 1e-6);
    CHECK_NEAR(new_saved[i], moments.mean[i], 1e-6);
    CHECK_NEAR(new_inverse[i], 1 / moments.deviation(i), 1e-5 / moments.deviation(i));
  }
}

void check_backward(const Handle& handle, const Layout& layout, cudnnBatchNormMode_t mode, bool with_saved) {
  const Layout parameters = parameters_of(layout, mode);
  const Tensor x(layout, 1), dy(layout, 2), dx(layout, 3), scale(parameters, 4), dscale(parameters, 5),
      dbias(parameters, 6);
  const Moments moments(x, parameters);
  std::vector<float> means, inverses;
  for (size_t i = 0; i < moments.mean.size(); i++) {
    means.push_back(static_cast<float>(moments.mean[i]));
    inverses.push_back(static_cast<float>(1 / moments.deviation(i)));
  }
  const Tensor mean(parameters, means), inverse(parameters, inverses);
  const float alpha = 0.5f, beta = 2, parameter_alpha = 3, parameter_beta = -1;
  OK(cudnnBatchNormalizationBackward(handle, mode, &alpha, &beta, &parameter_alpha, &parameter_beta, x.desc, x.device(),
                                     dy.desc, dy.device(), dx.desc, dx.device(), scale.desc, scale.device(),
                                     dscale.device(), dbias.device(), kEpsilon, with_saved ? mean.device() : nullptr,
                                     with_saved ? inverse.device() : nullptr));
  std::vector<double> sum(parameters.extent()), product(parameters.extent());
  const auto normal = [&](size_t i, int n, int c, int h, int w) {
    return (x.was(n, c, h, w) - moments.mean[i]) / moments.deviation(i);
  };
  layout.each([&](int n, int c, int h, int w) {
    const size_t i = parameter_at(parameters, c, h, w);
    sum[i] += dy.was(n, c, h, w);
    product[i] += dy.was(n, c, h, w) * normal(i, n, c, h, w);
  });
  check_elements(dx, 1e-5, [&](int n, int c, int h, int w) {
    const size_t i = parameter_at(parameters, c, h, w);
    const double centered =
        dy.was(n, c, h, w) - sum[i] / moments.count - normal(i, n, c, h, w) * product[i] / moments.count;
    return alpha * scale.host[i] / moments.deviation(i) * centered + beta * dx.was(n, c, h, w);
  });
  const std::vector<float> new_scale = dscale.read(), new_bias = dbias.read();
  for (size_t i = 0; i < parameters.extent(); i++) {
    CHECK_NEAR(new_scale[i], parameter_alpha * product[i] + parameter_beta * dscale.host[i], 1e-4);
    CHECK_NEAR(new_bias[i], parameter_alpha * sum[i] + parameter_beta * dbias.host[i], 1e-4);
  }
}

void training() {
  const Handle handle;
  for (const Layout& layout : layouts()) {
    for (cudnnBatchNormMode_t mode : kModes) {
      check_training(handle, layout, mode, 1, 0);
      check_training(handle, layout, mode, 0.5f, 2);
    }
  }
}

void backward() {
  const Handle handle;
  for (const Layout& layout : layouts()) {
    for (cudnnBatchNormMode_t mode : kModes) {
      check_backward(handle, layout, mode, true);
      check_backward(handle, layout, mode, false);
    }
  }
}

void inference() {
  const Handle handle;
  for (const Layout& layout : layouts()) {
    const Layout parameters = parameters_of(layout, CUDNN_BATCHNORM_SPATIAL);
    std::vector<float> variances = random_floats(parameters.extent(), 4);
    for (float& variance : variances) variance *= variance;
    const Tensor x(layout, 1), y(layout, 2), scale(parameters, 3), bias(parameters, 4), mean(parameters, 5),
        variance(parameters, variances);
    const float alpha = 2, beta = 0.5f;
    OK(cudnnBatchNormalizationForwardInference(handle, CUDNN_BATCHNORM_SPATIAL, &alpha, &beta, x.desc, x.device(),
                                               y.desc, y.device(), scale.desc, scale.device(), bias.device(),
                                               mean.device(), variance.device(), kEpsilon));
    check_elements(y, 1e-3, [&](int n, int c, int h, int w) {
      const double normal = (x.was(n, c, h, w) - mean.host[c]) / std::sqrt(variances[c] + kEpsilon);
      return alpha * (scale.host[c] * normal + bias.host[c]) + beta * y.was(n, c, h, w);
    });
  }
}

void in_place() {
  const Handle handle;
  const Layout layout = Layout::nhwc(3, 4, 2, 2), parameters = parameters_of(layout, CUDNN_BATCHNORM_SPATIAL);
  const Tensor x(layout, 1), apart(layout, 2), scale(parameters, 3), bias(parameters, 4);
  const Tensor other(Layout::nchw(3, 4, 2, 2), 1);
  const auto train = [&](const Tensor& to, const float* y) {
    return cudnnBatchNormalizationForwardTraining(handle, CUDNN_BATCHNORM_SPATIAL, &kOne, &kZero, x.desc, x.device(),
                                                  to.desc, const_cast<float*>(y), scale.desc, scale.device(),
                                                  bias.device(), kFactor, nullptr, nullptr, kEpsilon, nullptr, nullptr);
  };
  OK(train(apart, apart.device()));
  OK(train(x, x.device()));
  CHECK(library_test::same_bits(x.read(), apart.read()));
  CHECK_CODE(train(other, x.device()), CUDNN_STATUS_BAD_PARAM);
}

void derived_descriptor() {
  const Tensor x(Layout::nhwc(3, 4, 5, 6), 1);
  cudnnTensorDescriptor_t derived;
  OK(cudnnCreateTensorDescriptor(&derived));
  cudnnDataType_t type;
  int n, c, h, w, strides[4];
  OK(cudnnDeriveBNTensorDescriptor(derived, x.desc, CUDNN_BATCHNORM_SPATIAL));
  OK(cudnnGetTensor4dDescriptor(derived, &type, &n, &c, &h, &w, strides, strides + 1, strides + 2, strides + 3));
  CHECK(type == CUDNN_DATA_FLOAT && n == 1 && c == 4 && h == 1 && w == 1 && strides[1] == 1);
  OK(cudnnDeriveBNTensorDescriptor(derived, x.desc, CUDNN_BATCHNORM_PER_ACTIVATION));
  OK(cudnnGetTensor4dDescriptor(derived, &type, &n, &c, &h, &w, strides, strides + 1, strides + 2, strides + 3));
  CHECK(n == 1 && c == 4 && h == 5 && w == 6 && strides[3] == 1);
  CHECK_CODE(cudnnDeriveBNTensorDescriptor(derived, x.desc, static_cast<cudnnBatchNormMode_t>(3)),
             CUDNN_STATUS_BAD_PARAM);
  OK(cudnnDestroyTensorDescriptor(derived));
}

void wrong_arguments() {
  const Handle handle;
  const Layout layout = Layout::nhwc(3, 4, 2, 2), parameters = parameters_of(layout, CUDNN_BATCHNORM_SPATIAL);
  const Tensor x(layout, 1), y(layout, 2), scale(parameters, 3), other(Layout::nhwc(1, 5, 1, 1), 1);
  const auto train = [&](const Tensor& desc, float* mean, float* variance, double epsilon, float* saved) {
    return cudnnBatchNormalizationForwardTraining(handle, CUDNN_BATCHNORM_SPATIAL, &kOne, &kZero, x.desc, x.device(),
                                                  y.desc, y.device(), desc.desc, scale.device(), scale.device(),
                                                  kFactor, mean, variance, epsilon, saved, nullptr);
  };
  OK(train(scale, nullptr, nullptr, 0, nullptr));
  CHECK_CODE(train(other, nullptr, nullptr, kEpsilon, nullptr), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(train(scale, scale.device(), nullptr, kEpsilon, nullptr), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(train(scale, nullptr, nullptr, kEpsilon, scale.device()), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(train(scale, nullptr, nullptr, -1e-9, nullptr), CUDNN_STATUS_BAD_PARAM);
  CHECK_CODE(train(scale, nullptr, nullptr, NAN, nullptr), CUDNN_STATUS_BAD_PARAM);
}

}  // namespace

int main() {
  return library_test::run_tests({{"training", training},
                                  {"backward", backward},
                                  {"inference", inference},
                                  {"in_place", in_place},
                                  {"derived_descriptor", derived_descriptor},
                                  {"wrong_arguments", wrong_arguments}});
}
