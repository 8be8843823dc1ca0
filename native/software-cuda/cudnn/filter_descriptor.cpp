// Filters, (K, C, R, S): packed as KCRS (CUDNN_TENSOR_NCHW) or KRSC (CUDNN_TENSOR_NHWC).
#include "descriptors.h"

using namespace software_cudnn;

cudnnStatus_t cudnnCreateFilterDescriptor(cudnnFilterDescriptor_t* desc) {
  return call(__func__, [&] { create(desc); });
}

cudnnStatus_t cudnnDestroyFilterDescriptor(cudnnFilterDescriptor_t desc) {
  return call(__func__, [&] { destroy(desc); });
}

cudnnStatus_t cudnnSetFilter4dDescriptor(cudnnFilterDescriptor_t desc, cudnnDataType_t type, cudnnTensorFormat_t format,
                                         int k, int c, int h, int w) {
  return call(__func__, [&] {
    require_pointers(desc);
    require_parameter(is_data_type(type), "the data type is none");
    require_format(format);
    require_parameter(k > 0 && c > 0 && h > 0 && w > 0, "a size is not positive");
    *desc = {true, type, format, packed(k, c, h, w, format)};
  });
}

cudnnStatus_t cudnnGetFilter4dDescriptor(cudnnFilterDescriptor_t desc, cudnnDataType_t* type,
                                         cudnnTensorFormat_t* format, int* k, int* c, int* h, int* w) {
  return call(__func__, [&] {
    require_set(desc);
    require_pointers(type, format, k, c, h, w);
    *type = desc->type;
    *format = desc->format;
    int* const sizes[] = {k, c, h, w};
    for (int axis = 0; axis < kAxes; axis++) *sizes[axis] = static_cast<int>(desc->shape.size[axis]);
  });
}

cudnnStatus_t cudnnGetFilterSizeInBytes(cudnnFilterDescriptor_t desc, size_t* size) {
  return call(__func__, [&] {
    require_set(desc);
    require_pointers(size);
    require_support(desc->type == CUDNN_DATA_FLOAT, "only filters of CUDNN_DATA_FLOAT are supported");
    *size = static_cast<size_t>(desc->shape.elements()) * sizeof(float);
  });
}
