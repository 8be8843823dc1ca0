// Batch normalization: which elements share a mean, sums over them, and what follows from those. A parameter's number
// is where Shape::broadcast_at finds it in its packed tensor.
#ifndef DENSENET4J_SOFTWARE_CUDNN_BATCH_NORMALIZATION_H
#define DENSENET4J_SOFTWARE_CUDNN_BATCH_NORMALIZATION_H

#include <cmath>
#include <cstdint>
#include <vector>

#include "descriptors.h"

namespace software_cudnn {

// The parameters' shape: 1 x C x 1 x 1, or 1 x C x H x W when each activation has its own.
inline Shape parameter_shape(const Shape& x, cudnnBatchNormMode_t mode) {
  const bool own = mode == CUDNN_BATCHNORM_PER_ACTIVATION;
  return packed(1, x.c(), own ? x.h() : 1, own ? x.w() : 1, CUDNN_TENSOR_NCHW);
}

inline void require_mode(cudnnBatchNormMode_t mode) {
  require_parameter(mode >= CUDNN_BATCHNORM_PER_ACTIVATION && mode <= CUDNN_BATCHNORM_SPATIAL_PERSISTENT,
                    "the mode is none");
}

// Refuses a mode that is none, parameters that do not fit, and an epsilon below CUDNN_BN_MIN_EPSILON, which is 0.
inline Shape require_normalization(cudnnBatchNormMode_t mode, double epsilon, const Shape& x,
                                   cudnnTensorDescriptor_t parameter_desc) {
  require_mode(mode);
  require_parameter(epsilon >= 0, "epsilon is less than CUDNN_BN_MIN_EPSILON");
  const Shape parameters = shape(parameter_desc), expected = parameter_shape(x, mode);
  require_parameter(parameters.has_sizes_of(expected), "the parameters' sizes are not what the mode asks for");
  require_support(parameters.packed_chw(), "the parameters are not packed");
  return parameters;
}

// Sums of several values at a time for each parameter, in double: no worse than a GPU's tree of float sums.
class Sums {
 public:
  explicit Sums(const Shape& parameters) : parameters_(parameters), sums_(static_cast<size_t>(parameters.elements())) {}

  // Adds value(element) of all elements of x to its parameter's sum.
  template <class Value>
  void add(const Shape& x, const Value& value) {
    x.each([&](const Element& e) { sums_[parameters_.broadcast_at(e)] += value(e); });
  }

  int64_t count() const { return static_cast<int64_t>(sums_.size()); }
  double operator[](int64_t parameter) const { return sums_[parameter]; }

 private:
  Shape parameters_;
  std::vector<double> sums_;
};

// Mean and biased variance for each parameter.
struct Statistics {
  std::vector<double> mean, variance;
  int64_t count;  // elements that share them

  Statistics(const Shape& parameters, const Shape& shape, const float* x)
      : count(shape.elements() / parameters.elements()) {
    Sums sums(parameters);
    sums.add(shape, [&](const Element& e) { return x[shape.at(e)]; });
    for (int64_t i = 0; i < sums.count(); i++) mean.push_back(sums[i] / static_cast<double>(count));
    Sums squares(parameters);
    squares.add(shape, [&](const Element& e) {
      const double distance = x[shape.at(e)] - mean[parameters.broadcast_at(e)];
      return distance * distance;
    });
    for (int64_t i = 0; i < squares.count(); i++) variance.push_back(squares[i] / static_cast<double>(count));
  }
};

inline float inverse_deviation(double variance, double epsilon) {
  return static_cast<float>(1.0 / std::sqrt(variance + epsilon));
}

// What normalizes the elements of each parameter.
struct Normalization {
  std::vector<float> mean, inv_deviation;

  float operator()(int64_t parameter, float x) const { return (x - mean[parameter]) * inv_deviation[parameter]; }
};

inline Normalization normalization(const Statistics& statistics, double epsilon) {
  Normalization result;
  for (double mean : statistics.mean) result.mean.push_back(static_cast<float>(mean));
  for (double variance : statistics.variance) result.inv_deviation.push_back(inverse_deviation(variance, epsilon));
  return result;
}

// The floats of a parameter's tensor, or null if there is none.
inline float* map_parameters(const Shape& parameters, software_cuda::Address address) {
  return address == 0 ? nullptr : Tensor{parameters, address}.map();
}

}  // namespace software_cudnn
#endif
