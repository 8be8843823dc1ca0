// Padding, strides, dilations, groups and the arithmetic of a convolution.
#include "convolution.h"

using namespace software_cudnn;

cudnnStatus_t cudnnCreateConvolutionDescriptor(cudnnConvolutionDescriptor_t* desc) {
  return call(__func__, [&] { create(desc); });
}

cudnnStatus_t cudnnDestroyConvolutionDescriptor(cudnnConvolutionDescriptor_t desc) {
  return call(__func__, [&] { destroy(desc); });
}

cudnnStatus_t cudnnSetConvolution2dDescriptor(cudnnConvolutionDescriptor_t desc, int pad_h, int pad_w, int stride_h,
                                              int stride_w, int dilation_h, int dilation_w, cudnnConvolutionMode_t mode,
                                              cudnnDataType_t compute_type) {
  return call(__func__, [&] {
    require_pointers(desc);
    require_parameter(pad_h >= 0 && pad_w >= 0, "a padding is negative");
    require_parameter(stride_h > 0 && stride_w > 0 && dilation_h > 0 && dilation_w > 0,
                      "a stride or a dilation is not positive");
    require_parameter(mode == CUDNN_CONVOLUTION || mode == CUDNN_CROSS_CORRELATION, "the mode is none");
    require_parameter(is_data_type(compute_type), "the compute type is none");
    *desc = {true, {pad_h, pad_w}, {stride_h, stride_w}, {dilation_h, dilation_w}, mode, compute_type, desc->math,
             desc->groups};
  });
}

cudnnStatus_t cudnnGetConvolution2dDescriptor(cudnnConvolutionDescriptor_t desc, int* pad_h, int* pad_w, int* stride_h,
                                              int* stride_w, int* dilation_h, int* dilation_w,
                                              cudnnConvolutionMode_t* mode, cudnnDataType_t* compute_type) {
  return call(__func__, [&] {
    require_set(desc);
    require_pointers(pad_h, pad_w, stride_h, stride_w, dilation_h, dilation_w, mode, compute_type);
    *pad_h = desc->pad[0];
    *pad_w = desc->pad[1];
    *stride_h = desc->stride[0];
    *stride_w = desc->stride[1];
    *dilation_h = desc->dilation[0];
    *dilation_w = desc->dilation[1];
    *mode = desc->mode;
    *compute_type = desc->compute_type;
  });
}

cudnnStatus_t cudnnSetConvolutionMathType(cudnnConvolutionDescriptor_t desc, cudnnMathType_t type) {
  return call(__func__, [&] {
    require_pointers(desc);
    require_parameter(type >= CUDNN_DEFAULT_MATH && type <= CUDNN_FMA_MATH, "the math type is none");
    desc->math = type;
  });
}

cudnnStatus_t cudnnGetConvolutionMathType(cudnnConvolutionDescriptor_t desc, cudnnMathType_t* type) {
  return call(__func__, [&] {
    require_pointers(desc, type);
    *type = desc->math;
  });
}

cudnnStatus_t cudnnSetConvolutionGroupCount(cudnnConvolutionDescriptor_t desc, int groups) {
  return call(__func__, [&] {
    require_pointers(desc);
    require_parameter(groups > 0, "the number of groups is not positive");
    desc->groups = groups;
  });
}

cudnnStatus_t cudnnGetConvolutionGroupCount(cudnnConvolutionDescriptor_t desc, int* groups) {
  return call(__func__, [&] {
    require_pointers(desc, groups);
    *groups = desc->groups;
  });
}

cudnnStatus_t cudnnGetConvolution2dForwardOutputDim(cudnnConvolutionDescriptor_t desc, cudnnTensorDescriptor_t input,
                                                    cudnnFilterDescriptor_t filter, int* n, int* c, int* h, int* w) {
  return call(__func__, [&] {
    require_set(desc);
    require_set(input);
    require_set(filter);
    require_pointers(n, c, h, w);
    require_parameter(input->type == filter->type, "input and filter are of different types");
    const Shape &x = input->shape, &k = filter->shape;
    require_parameter(x.c() == k.c() * desc->groups, "the input's channels are not the filter's times the groups");
    const int64_t height = output_size(*desc, x, k, 0), width = output_size(*desc, x, k, 1);
    require_parameter(height > 0 && width > 0, "the filter is larger than the padded input");
    *n = static_cast<int>(x.n());
    *c = static_cast<int>(k.n());
    *h = static_cast<int>(height);
    *w = static_cast<int>(width);
  });
}
