// Tensors of four axes with any strides.
#include <limits>

#include "descriptors.h"

namespace software_cudnn {

bool Shape::has_sizes_of(const Shape& other) const {
  for (int axis = 0; axis < kAxes; axis++) {
    if (size[axis] != other.size[axis]) return false;
  }
  return true;
}

bool Shape::has_strides_of(const Shape& other) const {
  for (int axis = 0; axis < kAxes; axis++) {
    if (stride[axis] != other.stride[axis]) return false;
  }
  return true;
}

namespace {

// The stride of an axis of one element does not matter.
bool packed_along(const Shape& shape, const Axis* innermost_first, int axes) {
  int64_t stride = 1;
  for (int i = 0; i < axes; i++) {
    const Axis axis = innermost_first[i];
    if (shape.size[axis] > 1 && shape.stride[axis] != stride) return false;
    stride *= shape.size[axis];
  }
  return true;
}

}  // namespace

bool Shape::packed_nhwc() const {
  const Axis order[] = {kC, kW, kH, kN};
  return packed_along(*this, order, 4);
}

bool Shape::packed_chw() const {
  const Axis order[] = {kW, kH, kC};
  return packed_along(*this, order, 3);
}

Shape packed(int64_t n, int64_t c, int64_t h, int64_t w, cudnnTensorFormat_t format) {
  if (format == CUDNN_TENSOR_NHWC) return {{n, c, h, w}, {h * w * c, 1, w * c, c}};
  return {{n, c, h, w}, {c * h * w, h * w, w, 1}};
}

void require_same_strides_in_place(const Tensor& a, const Tensor& b) {
  require_parameter(a.address != b.address || a.shape.has_strides_of(b.shape),
                    "work in place needs the same strides on both sides");
}

void require_elementwise(const Tensor& from, const Tensor& to) {
  require_parameter(from.shape.has_sizes_of(to.shape), "input and output are of different sizes");
  require_same_strides_in_place(from, to);
}

void require_format(cudnnTensorFormat_t format) {
  require_parameter(format >= CUDNN_TENSOR_NCHW && format <= CUDNN_TENSOR_NCHW_VECT_C, "the format is none");
  require_support(format != CUDNN_TENSOR_NCHW_VECT_C, "CUDNN_TENSOR_NCHW_VECT_C is not supported");
}

Shape shape(cudnnTensorDescriptor_t desc) {
  require_set(desc);
  require_support(desc->type == CUDNN_DATA_FLOAT, "only tensors of CUDNN_DATA_FLOAT are supported");
  return desc->shape;
}

namespace {

void set(cudnnTensorDescriptor_t desc, cudnnDataType_t type, const Shape& shape) {
  require_pointers(desc);
  require_parameter(is_data_type(type), "the data type is none");
  int64_t last = 0;
  for (int axis = 0; axis < kAxes; axis++) {
    require_parameter(shape.size[axis] > 0 && shape.stride[axis] > 0, "a size or a stride is not positive");
    last += (shape.size[axis] - 1) * shape.stride[axis];
  }
  require_support(last < std::numeric_limits<int32_t>::max(), "the tensor spans more than 2^31 - 1 elements");
  desc->type = type;
  desc->shape = shape;
  desc->set = true;
}

}  // namespace

}  // namespace software_cudnn

using namespace software_cudnn;

cudnnStatus_t cudnnCreateTensorDescriptor(cudnnTensorDescriptor_t* desc) {
  return call(__func__, [&] { create(desc); });
}

cudnnStatus_t cudnnDestroyTensorDescriptor(cudnnTensorDescriptor_t desc) {
  return call(__func__, [&] { destroy(desc); });
}

cudnnStatus_t cudnnSetTensor4dDescriptor(cudnnTensorDescriptor_t desc, cudnnTensorFormat_t format, cudnnDataType_t type,
                                         int n, int c, int h, int w) {
  return call(__func__, [&] {
    require_format(format);
    require_parameter(n > 0 && c > 0 && h > 0 && w > 0, "a size is not positive");
    constexpr int64_t kLimit = std::numeric_limits<int32_t>::max();
    require_support(int64_t{n} * c <= kLimit && int64_t{h} * w <= kLimit / (int64_t{n} * c),
                    "the tensor has more than 2^31 - 1 elements");
    set(desc, type, packed(n, c, h, w, format));
  });
}

cudnnStatus_t cudnnSetTensor4dDescriptorEx(cudnnTensorDescriptor_t desc, cudnnDataType_t type, int n, int c, int h,
                                           int w, int n_stride, int c_stride, int h_stride, int w_stride) {
  return call(__func__, [&] { set(desc, type, {{n, c, h, w}, {n_stride, c_stride, h_stride, w_stride}}); });
}

cudnnStatus_t cudnnGetTensor4dDescriptor(cudnnTensorDescriptor_t desc, cudnnDataType_t* type, int* n, int* c, int* h,
                                         int* w, int* n_stride, int* c_stride, int* h_stride, int* w_stride) {
  return call(__func__, [&] {
    require_set(desc);
    require_pointers(type, n, c, h, w, n_stride, c_stride, h_stride, w_stride);
    *type = desc->type;
    int* const sizes[] = {n, c, h, w};
    int* const strides[] = {n_stride, c_stride, h_stride, w_stride};
    for (int axis = 0; axis < kAxes; axis++) {
      *sizes[axis] = static_cast<int>(desc->shape.size[axis]);
      *strides[axis] = static_cast<int>(desc->shape.stride[axis]);
    }
  });
}

cudnnStatus_t cudnnGetTensorSizeInBytes(cudnnTensorDescriptor_t desc, size_t* size) {
  return call(__func__, [&] {
    require_pointers(size);
    *size = static_cast<size_t>(shape(desc).extent()) * sizeof(float);
  });
}
