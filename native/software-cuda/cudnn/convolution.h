// A convolution's geometry, and which algorithms can do it.
#ifndef DENSENET4J_SOFTWARE_CUDNN_CONVOLUTION_H
#define DENSENET4J_SOFTWARE_CUDNN_CONVOLUTION_H

#include <cstddef>
#include <cstdint>

#include "descriptors.h"

namespace software_cudnn {

// y = x * w in all three directions: y (N, K, P, Q), x (N, C, H, W), w (K, C / groups, R, S).
struct Convolution {
  Shape x, w, y;
  cudnnTensorFormat_t format;         // of w
  int pad[2], stride[2], dilation[2]; // height, width
  int groups;
  bool flipped;                       // a convolution rather than a cross-correlation
  cudnnMathType_t math;

  int64_t taps() const { return w.h() * w.w(); }
  int64_t group_inputs() const { return w.c(); }
  int64_t group_outputs() const { return w.n() / groups; }
  bool rounds_to_tf32() const { return math != CUDNN_FMA_MATH; }
  double operations() const {
    return 2.0 * static_cast<double>(y.elements()) * static_cast<double>(w.c() * taps());
  }
};

// The output's height (0) or width (1), not positive if the filter is larger than the padded input.
int64_t output_size(const cudnnConvolutionStruct& desc, const Shape& x, const Shape& w, int axis);

// Refuses descriptors that do not fit together.
Convolution convolution(cudnnTensorDescriptor_t x, cudnnFilterDescriptor_t w, cudnnConvolutionDescriptor_t desc,
                        cudnnTensorDescriptor_t y);

enum class Direction { kForward, kBackwardData, kBackwardFilter };

// How many algorithms the direction's enumeration has.
int algorithms(Direction direction);
// By the time that they are expected to take, the fastest first.
const int* algorithms_by_speed(Direction direction);
// Null, or why the algorithm cannot do this convolution.
const char* unsupported(Direction direction, int algorithm, const Convolution& convolution);
size_t workspace_bytes(Direction direction, int algorithm, const Convolution& convolution);
bool deterministic(Direction direction, int algorithm);
// What the heuristics expect.
float milliseconds(Direction direction, int algorithm, const Convolution& convolution);

// Refuses an algorithm that is none (BAD_PARAM), one that cannot do it (NOT_SUPPORTED), and too little workspace.
void require_algorithm(Direction direction, int algorithm, const Convolution& convolution);
void require_workspace(Direction direction, int algorithm, const Convolution& convolution, const void* workspace,
                       size_t bytes);

}  // namespace software_cudnn
#endif
