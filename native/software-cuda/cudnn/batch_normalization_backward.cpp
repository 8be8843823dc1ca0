// dx = alpha * (the gradient of the normalization's input) + beta * dx; the same for scale and bias.
#include "batch_normalization.h"

using namespace software_cudnn;

namespace {

struct Work {
  Shape parameters;
  Blend data_blend, parameter_blend;
  Tensor x, dy, dx;
  software_cuda::Address scale, dscale, dbias, saved_mean, saved_inv_variance;
  double epsilon;
};

// What forward saved, or the same from x.
struct Saved {
  std::vector<float> mean, inv_deviation;

  Saved(const Work& work, const float* x) {
    const float* saved_mean = map_parameters(work.parameters, work.saved_mean);
    const float* saved_inv_variance = map_parameters(work.parameters, work.saved_inv_variance);
    if (saved_mean != nullptr) {
      mean.assign(saved_mean, saved_mean + work.parameters.elements());
      inv_deviation.assign(saved_inv_variance, saved_inv_variance + work.parameters.elements());
      return;
    }
    const Statistics statistics(work.parameters, work.x.shape, x);
    for (size_t i = 0; i < statistics.mean.size(); i++) {
      mean.push_back(static_cast<float>(statistics.mean[i]));
      inv_deviation.push_back(inverse_deviation(statistics.variance[i], work.epsilon));
    }
  }
};

void run(const Work& work) {
  const Shape &from = work.x.shape, &gradients = work.dy.shape, &to = work.dx.shape;
  const float *x = work.x.map(), *dy = work.dy.map(), *scale = map_parameters(work.parameters, work.scale);
  float *dx = work.dx.map(), *dscale = map_parameters(work.parameters, work.dscale),
        *dbias = map_parameters(work.parameters, work.dbias);
  const Saved saved(work, x);
  Sums bias_sums(work.parameters), scale_sums(work.parameters);
  const auto normal = [&](int64_t i, int64_t n, int64_t c, int64_t h, int64_t w) {
    return (x[from.at(n, c, h, w)] - saved.mean[i]) * saved.inv_deviation[i];
  };
  bias_sums.add(gradients, [&](int64_t n, int64_t c, int64_t h, int64_t w) { return dy[gradients.at(n, c, h, w)]; });
  scale_sums.add(gradients, [&](int64_t n, int64_t c, int64_t h, int64_t w) {
    return dy[gradients.at(n, c, h, w)] * normal(scale_sums.parameter(c, h, w), n, c, h, w);
  });
  const double count = static_cast<double>(from.elements() / work.parameters.elements());
  for (int64_t n = 0; n < to.n(); n++) {
    for (int64_t h = 0; h < to.h(); h++) {
      for (int64_t w = 0; w < to.w(); w++) {
        for (int64_t c = 0; c < to.c(); c++) {
          const int64_t i = scale_sums.parameter(c, h, w);
          const float centered = dy[gradients.at(n, c, h, w)] - static_cast<float>(bias_sums[i] / count) -
                                 normal(i, n, c, h, w) * static_cast<float>(scale_sums[i] / count);
          work.data_blend(dx + to.at(n, c, h, w), scale[i] * saved.inv_deviation[i] * centered);
        }
      }
    }
  }
  for (int64_t i = 0; i < scale_sums.count(); i++) {
    work.parameter_blend(dscale + i, static_cast<float>(scale_sums[i]));
    work.parameter_blend(dbias + i, static_cast<float>(bias_sums[i]));
  }
}

}  // namespace

cudnnStatus_t cudnnBatchNormalizationBackward(cudnnHandle_t handle, cudnnBatchNormMode_t mode, const void* data_alpha,
                                              const void* data_beta, const void* parameter_alpha,
                                              const void* parameter_beta, cudnnTensorDescriptor_t x_desc, const void* x,
                                              cudnnTensorDescriptor_t dy_desc, const void* dy,
                                              cudnnTensorDescriptor_t dx_desc, void* dx,
                                              cudnnTensorDescriptor_t parameter_desc, const void* scale, void* dscale,
                                              void* dbias, double epsilon, const void* saved_mean,
                                              const void* saved_inv_variance) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, data_alpha, data_beta, parameter_alpha, parameter_beta, x, dy, dx, scale, dscale, dbias);
    require_parameter((saved_mean == nullptr) == (saved_inv_variance == nullptr),
                      "saved mean and inverse variance are to be given both or not at all");
    const Tensor input = {shape(x_desc), software_cuda::address(x)};
    const Tensor gradient = {shape(dy_desc), software_cuda::address(dy)};
    const Tensor result = {shape(dx_desc), software_cuda::address(dx)};
    require_parameter(input.shape.has_sizes_of(gradient.shape) && input.shape.has_sizes_of(result.shape),
                      "the tensors are of different sizes");
    require_same_strides_in_place(input, result);
    require_same_strides_in_place(gradient, result);
    const Shape parameters = require_normalization(mode, epsilon, input.shape, parameter_desc);
    enqueue<run>(*handle, function,
                 Work{parameters,
                      {scalar(data_alpha), scalar(data_beta)},
                      {scalar(parameter_alpha), scalar(parameter_beta)},
                      input,
                      gradient,
                      result,
                      software_cuda::address(scale),
                      software_cuda::address(dscale),
                      software_cuda::address(dbias),
                      software_cuda::address(saved_mean),
                      software_cuda::address(saved_inv_variance),
                      epsilon});
  });
}
