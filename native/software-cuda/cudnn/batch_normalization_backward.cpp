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
Normalization saved_or_again(const Work& work, const float* x) {
  const float* mean = map_parameters(work.parameters, work.saved_mean);
  const float* inv_deviation = map_parameters(work.parameters, work.saved_inv_variance);
  if (mean == nullptr) return normalization(Statistics(work.parameters, work.x.shape, x), work.epsilon);
  const int64_t count = work.parameters.elements();
  return {{mean, mean + count}, {inv_deviation, inv_deviation + count}};
}

void run(const Work& work) {
  const Shape &from = work.x.shape, &gradients = work.dy.shape, &to = work.dx.shape;
  const float *x = work.x.map(), *dy = work.dy.map(), *scale = map_parameters(work.parameters, work.scale);
  float *dx = work.dx.map(), *dscale = map_parameters(work.parameters, work.dscale),
        *dbias = map_parameters(work.parameters, work.dbias);
  const Normalization normal = saved_or_again(work, x);
  Sums bias_sums(work.parameters), scale_sums(work.parameters);
  bias_sums.add(gradients, [&](const Element& e) { return dy[gradients.at(e)]; });
  scale_sums.add(gradients, [&](const Element& e) {
    return dy[gradients.at(e)] * normal(work.parameters.broadcast_at(e), x[from.at(e)]);
  });
  const double count = static_cast<double>(from.elements() / work.parameters.elements());
  to.each([&](const Element& e) {
    const int64_t i = work.parameters.broadcast_at(e);
    const float centered = dy[gradients.at(e)] - static_cast<float>(bias_sums[i] / count) -
                           normal(i, x[from.at(e)]) * static_cast<float>(scale_sums[i] / count);
    work.data_blend(dx + to.at(e), scale[i] * normal.inv_deviation[i] * centered);
  });
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
    const Tensor input = tensor(x_desc, x), gradient = tensor(dy_desc, dy), result = tensor(dx_desc, dx);
    require_parameter(input.shape.has_sizes_of(gradient.shape) && input.shape.has_sizes_of(result.shape),
                      "the tensors are of different sizes");
    require_same_strides_in_place(input, result);
    require_same_strides_in_place(gradient, result);
    const Shape parameters = require_normalization(mode, epsilon, input.shape, parameter_desc);
    enqueue<run>(*handle, function,
                 Work{parameters,
                      blend_of(data_alpha, data_beta),
                      blend_of(parameter_alpha, parameter_beta),
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
