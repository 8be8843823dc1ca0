// Whether the descriptors of a convolution fit together.
#include "convolution.h"

namespace software_cudnn {

int64_t output_size(const cudnnConvolutionStruct& desc, const Shape& x, const Shape& w, int axis) {
  const int64_t window = (w.size[kH + axis] - 1) * desc.dilation[axis] + 1;
  const int64_t beyond = x.size[kH + axis] + 2 * desc.pad[axis] - window;
  return beyond < 0 ? 0 : beyond / desc.stride[axis] + 1;
}

Convolution convolution(cudnnTensorDescriptor_t x_desc, cudnnFilterDescriptor_t w_desc,
                        cudnnConvolutionDescriptor_t desc, cudnnTensorDescriptor_t y_desc) {
  require_set(x_desc);
  require_set(w_desc);
  require_set(desc);
  require_set(y_desc);
  require_parameter(x_desc->type == w_desc->type && x_desc->type == y_desc->type, "the tensors are of different types");
  const Shape x = shape(x_desc), y = shape(y_desc), &w = w_desc->shape;
  require_support(desc->compute_type == CUDNN_DATA_FLOAT, "only a compute type of CUDNN_DATA_FLOAT is supported");
  require_parameter(x.n() == y.n(), "input and output are of different batch sizes");
  require_parameter(x.c() == w.c() * desc->groups, "the input's channels are not the filter's times the groups");
  require_parameter(y.c() == w.n(), "the output's channels are not the filter's");
  require_parameter(w.n() % desc->groups == 0, "the filters cannot be divided among the groups");
  require_parameter(y.h() == output_size(*desc, x, w, 0) && y.w() == output_size(*desc, x, w, 1),
                    "the output's height or width is not what the convolution gives");
  return {x, w, y, w_desc->format, *desc};
}

}  // namespace software_cudnn
