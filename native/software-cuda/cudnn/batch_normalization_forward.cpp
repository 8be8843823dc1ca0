// y = alpha * (scale * (x - mean) / deviation + bias) + beta * y
#include "batch_normalization.h"

using namespace software_cudnn;

namespace {

struct TrainingWork {
  Shape parameters;
  Blend blend;
  Tensor x, y;
  software_cuda::Address scale, bias, running_mean, running_variance, saved_mean, saved_inv_variance;
  double factor, epsilon;
};

struct InferenceWork {
  Shape parameters;
  Blend blend;
  Tensor x, y;
  software_cuda::Address scale, bias, mean, variance;
  double epsilon;
};

void normalize(const Tensor& x_tensor, const Tensor& y_tensor, const Blend& blend, const Shape& parameters,
               const std::vector<float>& mean, const std::vector<float>& inv_deviation, const float* scale,
               const float* bias) {
  const float* x = x_tensor.map();
  float* y = y_tensor.map();
  const Shape &from = x_tensor.shape, &to = y_tensor.shape;
  const Sums index(parameters);
  for (int64_t n = 0; n < to.n(); n++) {
    for (int64_t h = 0; h < to.h(); h++) {
      for (int64_t w = 0; w < to.w(); w++) {
        for (int64_t c = 0; c < to.c(); c++) {
          const int64_t i = index.parameter(c, h, w);
          const float normal = (x[from.at(n, c, h, w)] - mean[i]) * inv_deviation[i];
          blend(y + to.at(n, c, h, w), scale[i] * normal + bias[i]);
        }
      }
    }
  }
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
  const float *scale = map_parameters(work.parameters, work.scale), *bias = map_parameters(work.parameters, work.bias);
  float* saved_mean = map_parameters(work.parameters, work.saved_mean);
  float* saved_inv_variance = map_parameters(work.parameters, work.saved_inv_variance);
  const Statistics statistics(work.parameters, work.x.shape, work.x.map());
  std::vector<float> mean, inv_deviation;
  for (size_t i = 0; i < statistics.mean.size(); i++) {
    mean.push_back(static_cast<float>(statistics.mean[i]));
    inv_deviation.push_back(inverse_deviation(statistics.variance[i], work.epsilon));
  }
  normalize(work.x, work.y, work.blend, work.parameters, mean, inv_deviation, scale, bias);
  update_running(work, statistics);
  for (size_t i = 0; saved_mean != nullptr && i < mean.size(); i++) {
    saved_mean[i] = mean[i];
    saved_inv_variance[i] = inv_deviation[i];
  }
}

void infer(const InferenceWork& work) {
  const float *scale = map_parameters(work.parameters, work.scale), *bias = map_parameters(work.parameters, work.bias);
  const float *mean = map_parameters(work.parameters, work.mean),
              *variance = map_parameters(work.parameters, work.variance);
  const std::vector<float> means(mean, mean + work.parameters.elements());
  std::vector<float> inv_deviation;
  for (size_t i = 0; i < means.size(); i++) inv_deviation.push_back(inverse_deviation(variance[i], work.epsilon));
  normalize(work.x, work.y, work.blend, work.parameters, means, inv_deviation, scale, bias);
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
    const Tensor from = {shape(x_desc), software_cuda::address(x)}, to = {shape(y_desc), software_cuda::address(y)};
    require_parameter(from.shape.has_sizes_of(to.shape), "input and output are of different sizes");
    require_same_strides_in_place(from, to);
    const Shape parameters = require_normalization(mode, epsilon, from.shape, parameter_desc);
    enqueue<train>(*handle, function,
                   TrainingWork{parameters,
                                {scalar(alpha), scalar(beta)},
                                from,
                                to,
                                software_cuda::address(scale),
                                software_cuda::address(bias),
                                software_cuda::address(running_mean),
                                software_cuda::address(running_variance),
                                software_cuda::address(saved_mean),
                                software_cuda::address(saved_inv_variance),
                                average_factor,
                                epsilon});
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
    const Tensor from = {shape(x_desc), software_cuda::address(x)}, to = {shape(y_desc), software_cuda::address(y)};
    require_parameter(from.shape.has_sizes_of(to.shape), "input and output are of different sizes");
    require_same_strides_in_place(from, to);
    const Shape parameters = require_normalization(mode, epsilon, from.shape, parameter_desc);
    enqueue<infer>(*handle, function,
                   InferenceWork{parameters,
                                 {scalar(alpha), scalar(beta)},
                                 from,
                                 to,
                                 software_cuda::address(scale),
                                 software_cuda::address(bias),
                                 software_cuda::address(mean),
                                 software_cuda::address(variance),
                                 epsilon});
  });
}
