// y = alpha * (scale * (x - mean) / deviation + bias) + beta * y
#include <algorithm>

#include "batch_normalization.h"

using namespace software_cudnn;

namespace {

struct Work {
  Shape parameters;
  Blend blend;
  Tensor x, y;
  software_cuda::Address scale, bias;
  double epsilon;
};

struct TrainingWork : Work {
  software_cuda::Address running_mean, running_variance, saved_mean, saved_inv_variance;
  double factor;
};

struct InferenceWork : Work {
  software_cuda::Address mean, variance;
};

void normalize(const Work& work, const Normalization& normal) {
  const float *scale = map_parameters(work.parameters, work.scale), *bias = map_parameters(work.parameters, work.bias);
  const float* x = work.x.map();
  float* y = work.y.map();
  const Shape &from = work.x.shape, &to = work.y.shape;
  to.each([&](const Element& e) {
    const int64_t i = work.parameters.broadcast_at(e);
    work.blend(y + to.at(e), scale[i] * normal(i, x[from.at(e)]) + bias[i]);
  });
}

// The running variance takes the unbiased variance in.
void update_running(const TrainingWork& work, const Statistics& statistics) {
  float* mean = map_parameters(work.parameters, work.running_mean);
  float* variance = map_parameters(work.parameters, work.running_variance);
  if (mean == nullptr) return;
  const double count = static_cast<double>(statistics.count), unbiased = count > 1 ? count / (count - 1) : 1;
  for (size_t i = 0; i < statistics.mean.size(); i++) {
    mean[i] = static_cast<float>(mean[i] * (1 - work.factor) + statistics.mean[i] * work.factor);
    variance[i] =
        static_cast<float>(variance[i] * (1 - work.factor) + statistics.variance[i] * unbiased * work.factor);
  }
}

void train(const TrainingWork& work) {
  float* saved_mean = map_parameters(work.parameters, work.saved_mean);
  float* saved_inv_variance = map_parameters(work.parameters, work.saved_inv_variance);
  const Statistics statistics(work.parameters, work.x.shape, work.x.map());
  const Normalization normal = normalization(statistics, work.epsilon);
  normalize(work, normal);
  update_running(work, statistics);
  if (saved_mean == nullptr) return;
  std::copy(normal.mean.begin(), normal.mean.end(), saved_mean);
  std::copy(normal.inv_deviation.begin(), normal.inv_deviation.end(), saved_inv_variance);
}

void infer(const InferenceWork& work) {
  const float *mean = map_parameters(work.parameters, work.mean),
              *variance = map_parameters(work.parameters, work.variance);
  Normalization normal = {{mean, mean + work.parameters.elements()}, {}};
  for (size_t i = 0; i < normal.mean.size(); i++) {
    normal.inv_deviation.push_back(inverse_deviation(variance[i], work.epsilon));
  }
  normalize(work, normal);
}

// Checks what training and inference have in common.
Work checked(cudnnBatchNormMode_t mode, const Blend& blend, const Tensor& x, const Tensor& y,
             cudnnTensorDescriptor_t parameter_desc, const void* scale, const void* bias, double epsilon) {
  require_elementwise(x, y);
  const Shape parameters = require_normalization(mode, epsilon, x.shape, parameter_desc);
  return {parameters, blend, x, y, software_cuda::address(scale), software_cuda::address(bias), epsilon};
}

}  // namespace

cudnnStatus_t cudnnDeriveBNTensorDescriptor(cudnnTensorDescriptor_t derived, cudnnTensorDescriptor_t x,
                                            cudnnBatchNormMode_t mode) {
  return call(__func__, [&] {
    require_pointers(derived);
    require_mode(mode);
    const Shape parameters = parameter_shape(shape(x), mode);
    *derived = {true, CUDNN_DATA_FLOAT, parameters};
  });
}

cudnnStatus_t cudnnBatchNormalizationForwardTraining(cudnnHandle_t handle, cudnnBatchNormMode_t mode, const void* alpha,
                                                     const void* beta, cudnnTensorDescriptor_t x_desc, const void* x,
                                                     cudnnTensorDescriptor_t y_desc, void* y,
                                                     cudnnTensorDescriptor_t parameter_desc, const void* scale,
                                                     const void* bias, double average_factor, void* running_mean,
                                                     void* running_variance, double epsilon, void* saved_mean,
                                                     void* saved_inv_variance) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, alpha, beta, x, y, scale, bias);
    require_parameter((running_mean == nullptr) == (running_variance == nullptr),
                      "running mean and variance are to be given both or not at all");
    require_parameter((saved_mean == nullptr) == (saved_inv_variance == nullptr),
                      "saved mean and inverse variance are to be given both or not at all");
    const Tensor from = tensor(x_desc, x), to = tensor(y_desc, y);
    const Work work = checked(mode, blend_of(alpha, beta), from, to, parameter_desc, scale, bias, epsilon);
    enqueue<train>(*handle, function,
                   TrainingWork{work,
                                software_cuda::address(running_mean),
                                software_cuda::address(running_variance),
                                software_cuda::address(saved_mean),
                                software_cuda::address(saved_inv_variance),
                                average_factor});
  });
}

cudnnStatus_t cudnnBatchNormalizationForwardInference(cudnnHandle_t handle, cudnnBatchNormMode_t mode,
                                                      const void* alpha, const void* beta,
                                                      cudnnTensorDescriptor_t x_desc, const void* x,
                                                      cudnnTensorDescriptor_t y_desc, void* y,
                                                      cudnnTensorDescriptor_t parameter_desc, const void* scale,
                                                      const void* bias, const void* mean, const void* variance,
                                                      double epsilon) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, alpha, beta, x, y, scale, bias, mean, variance);
    const Tensor from = tensor(x_desc, x), to = tensor(y_desc, y);
    const Work work = checked(mode, blend_of(alpha, beta), from, to, parameter_desc, scale, bias, epsilon);
    enqueue<infer>(*handle, function,
                   InferenceWork{work, software_cuda::address(mean), software_cuda::address(variance)});
  });
}
