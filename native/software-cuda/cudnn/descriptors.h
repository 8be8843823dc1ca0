// What descriptors hold, and tensors as the work sees them.
#ifndef DENSENET4J_SOFTWARE_CUDNN_DESCRIPTORS_H
#define DENSENET4J_SOFTWARE_CUDNN_DESCRIPTORS_H

#include <cstdint>

#include "blend.h"
#include "call.h"

namespace software_cudnn {

using software_cuda::Blend;

enum Axis { kN, kC, kH, kW, kAxes };

// Where an element stands.
struct Element {
  int64_t n, c, h, w;
};

// A tensor of floats: sizes and strides by axis, in elements.
struct Shape {
  int64_t size[kAxes];
  int64_t stride[kAxes];

  int64_t n() const { return size[kN]; }
  int64_t c() const { return size[kC]; }
  int64_t h() const { return size[kH]; }
  int64_t w() const { return size[kW]; }

  int64_t at(int64_t n, int64_t c, int64_t h, int64_t w) const {
    return n * stride[kN] + c * stride[kC] + h * stride[kH] + w * stride[kW];
  }
  int64_t at(const Element& e) const { return at(e.n, e.c, e.h, e.w); }
  // An axis of one element stands for all.
  int64_t broadcast_at(const Element& e) const {
    return at(n() == 1 ? 0 : e.n, c() == 1 ? 0 : e.c, h() == 1 ? 0 : e.h, w() == 1 ? 0 : e.w);
  }

  template <class Visit>
  void each(const Visit& visit) const {
    for (int64_t n = 0; n < size[kN]; n++) {
      for (int64_t h = 0; h < size[kH]; h++) {
        for (int64_t w = 0; w < size[kW]; w++) {
          for (int64_t c = 0; c < size[kC]; c++) visit(Element{n, c, h, w});
        }
      }
    }
  }

  int64_t elements() const { return n() * c() * h() * w(); }
  // From the first element to the last.
  int64_t extent() const { return at(n() - 1, c() - 1, h() - 1, w() - 1) + 1; }

  bool has_sizes_of(const Shape& other) const;
  bool has_strides_of(const Shape& other) const;
  // Whether the axes named lie in memory without gaps, the last of them innermost.
  bool packed_nhwc() const;
  bool packed_chw() const;
};

// A tensor in device memory.
struct Tensor {
  Shape shape;
  software_cuda::Address address;

  // Throws software_cuda::Fault.
  float* map() const {
    return software_cuda::device_memory<float>(address, static_cast<size_t>(shape.extent()));
  }
};

inline Blend blend_of(const void* alpha, const void* beta) { return {scalar(alpha), scalar(beta)}; }

// Refuses work in place on tensors that lie differently.
void require_same_strides_in_place(const Tensor& a, const Tensor& b);
// Refuses an input and an output, element by element, that do not fit.
void require_elementwise(const Tensor& from, const Tensor& to);

// The strides of a packed tensor in that order of axes.
Shape packed(int64_t n, int64_t c, int64_t h, int64_t w, cudnnTensorFormat_t format);

inline bool is_data_type(cudnnDataType_t type) { return type >= 0 && type <= CUDNN_DATA_COMPLEX_FP64; }

// Refuses a format that is none, or is not supported.
void require_format(cudnnTensorFormat_t format);

// A descriptor's shape. Refuses one that was not set, or is not of floats.
Shape shape(cudnnTensorDescriptor_t desc);
inline Tensor tensor(cudnnTensorDescriptor_t desc, const void* data) {
  return {shape(desc), software_cuda::address(data)};
}

}  // namespace software_cudnn

struct cudnnTensorStruct {
  bool set = false;
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  software_cudnn::Shape shape = {};
};

struct cudnnFilterStruct {
  bool set = false;
  cudnnDataType_t type = CUDNN_DATA_FLOAT;
  cudnnTensorFormat_t format = CUDNN_TENSOR_NCHW;
  software_cudnn::Shape shape = {};  // (K, C, R, S)
};

struct cudnnConvolutionStruct {
  bool set = false;
  int pad[2] = {}, stride[2] = {}, dilation[2] = {};  // height, width
  cudnnConvolutionMode_t mode = CUDNN_CONVOLUTION;
  cudnnDataType_t compute_type = CUDNN_DATA_FLOAT;
  cudnnMathType_t math = CUDNN_DEFAULT_MATH;
  int groups = 1;
};

struct cudnnPoolingStruct {
  bool set = false;
  cudnnPoolingMode_t mode = CUDNN_POOLING_MAX;
  cudnnNanPropagation_t nan = CUDNN_NOT_PROPAGATE_NAN;
  int window[2] = {}, pad[2] = {}, stride[2] = {};  // height, width
};

struct cudnnActivationStruct {
  bool set = false;
  cudnnActivationMode_t mode = CUDNN_ACTIVATION_RELU;
  cudnnNanPropagation_t nan = CUDNN_NOT_PROPAGATE_NAN;
  double coefficient = 0;
};

namespace software_cudnn {

template <class Descriptor>
void create(Descriptor** desc) {
  require_pointers(desc);
  *desc = new Descriptor();
}

template <class Descriptor>
void destroy(Descriptor* desc) {
  delete desc;  // null is none to destroy
}

template <class Descriptor>
void require_set(const Descriptor* desc) {
  require_pointers(desc);
  require_parameter(desc->set, "a descriptor was created but not set");
}

}  // namespace software_cudnn
#endif
