// A convolution's geometry.
#ifndef DENSENET4J_SOFTWARE_CUDNN_CONVOLUTION_H
#define DENSENET4J_SOFTWARE_CUDNN_CONVOLUTION_H

#include <cstdint>

#include "descriptors.h"

namespace software_cudnn {

// y = x * w in all three directions: y (N, K, P, Q), x (N, C, H, W), w (K, C / groups, R, S).
struct Convolution {
  Shape x, w, y;
  cudnnTensorFormat_t format;  // of w
  cudnnConvolutionStruct desc;

  int64_t taps() const { return w.h() * w.w(); }
  int64_t group_inputs() const { return w.c(); }
  int64_t group_outputs() const { return w.n() / desc.groups; }
  bool rounds_to_tf32() const { return desc.math != CUDNN_FMA_MATH; }
  double operations() const {
    return 2.0 * static_cast<double>(y.elements()) * static_cast<double>(w.c() * taps());
  }
};

// The output's height (0) or width (1), not positive if the filter is larger than the padded input.
int64_t output_size(const cudnnConvolutionStruct& desc, const Shape& x, const Shape& w, int axis);

// Refuses descriptors that do not fit together.
Convolution convolution(cudnnTensorDescriptor_t x, cudnnFilterDescriptor_t w, cudnnConvolutionDescriptor_t desc,
                        cudnnTensorDescriptor_t y);

}  // namespace software_cudnn
#endif
