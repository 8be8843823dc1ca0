// Windows of a pooling.
#include "descriptors.h"
#include "pooling.h"

using namespace software_cudnn;

cudnnStatus_t cudnnCreatePoolingDescriptor(cudnnPoolingDescriptor_t* desc) {
  return call(__func__, [&] { create(desc); });
}

cudnnStatus_t cudnnDestroyPoolingDescriptor(cudnnPoolingDescriptor_t desc) {
  return call(__func__, [&] { destroy(desc); });
}

cudnnStatus_t cudnnSetPooling2dDescriptor(cudnnPoolingDescriptor_t desc, cudnnPoolingMode_t mode,
                                          cudnnNanPropagation_t nan, int window_h, int window_w, int pad_h, int pad_w,
                                          int stride_h, int stride_w) {
  return call(__func__, [&] {
    require_pointers(desc);
    require_parameter(mode >= CUDNN_POOLING_MAX && mode <= CUDNN_POOLING_MAX_DETERMINISTIC, "the mode is none");
    require_parameter(nan == CUDNN_NOT_PROPAGATE_NAN || nan == CUDNN_PROPAGATE_NAN, "the NaN propagation is none");
    require_parameter(window_h > 0 && window_w > 0 && stride_h > 0 && stride_w > 0,
                      "a window or a stride is not positive");
    require_parameter(pad_h >= 0 && pad_w >= 0, "a padding is negative");
    *desc = {true, mode, nan, {window_h, window_w}, {pad_h, pad_w}, {stride_h, stride_w}};
  });
}

cudnnStatus_t cudnnGetPooling2dDescriptor(cudnnPoolingDescriptor_t desc, cudnnPoolingMode_t* mode,
                                          cudnnNanPropagation_t* nan, int* window_h, int* window_w, int* pad_h,
                                          int* pad_w, int* stride_h, int* stride_w) {
  return call(__func__, [&] {
    require_set(desc);
    require_pointers(mode, nan, window_h, window_w, pad_h, pad_w, stride_h, stride_w);
    *mode = desc->mode;
    *nan = desc->nan;
    *window_h = desc->window[0];
    *window_w = desc->window[1];
    *pad_h = desc->pad[0];
    *pad_w = desc->pad[1];
    *stride_h = desc->stride[0];
    *stride_w = desc->stride[1];
  });
}

cudnnStatus_t cudnnGetPooling2dForwardOutputDim(cudnnPoolingDescriptor_t desc, cudnnTensorDescriptor_t input, int* n,
                                                int* c, int* h, int* w) {
  return call(__func__, [&] {
    require_set(desc);
    require_set(input);
    require_pointers(n, c, h, w);
    const int64_t height = pooled_size(*desc, input->shape, 0), width = pooled_size(*desc, input->shape, 1);
    require_parameter(height > 0 && width > 0, "the window is larger than the padded input");
    *n = static_cast<int>(input->shape.n());
    *c = static_cast<int>(input->shape.c());
    *h = static_cast<int>(height);
    *w = static_cast<int>(width);
  });
}
