// Sums, constants, factors and copies of tensors.
#include "descriptors.h"

using namespace software_cudnn;

namespace {

template <class Visit>
void each_element(const Shape& shape, const Visit& visit) {
  for (int64_t n = 0; n < shape.n(); n++) {
    for (int64_t h = 0; h < shape.h(); h++) {
      for (int64_t w = 0; w < shape.w(); w++) {
        for (int64_t c = 0; c < shape.c(); c++) visit(n, c, h, w);
      }
    }
  }
}

struct Work {
  Tensor from, to;
  Blend blend;
};

// An axis of one element stands for all.
int64_t broadcast_at(const Shape& a, int64_t n, int64_t c, int64_t h, int64_t w) {
  return a.at(a.n() == 1 ? 0 : n, a.c() == 1 ? 0 : c, a.h() == 1 ? 0 : h, a.w() == 1 ? 0 : w);
}

void add(const Work& work) {
  const float* a = work.from.map();
  float* c = work.to.map();
  each_element(work.to.shape, [&](int64_t n, int64_t channel, int64_t h, int64_t w) {
    work.blend(c + work.to.shape.at(n, channel, h, w), a[broadcast_at(work.from.shape, n, channel, h, w)]);
  });
}

struct Constant {
  Tensor tensor;
  float value;
};

void set(const Constant& work) {
  float* y = work.tensor.map();
  const Shape& shape = work.tensor.shape;
  each_element(shape, [&](int64_t n, int64_t c, int64_t h, int64_t w) { y[shape.at(n, c, h, w)] = work.value; });
}

void scale(const Constant& work) {
  float* y = work.tensor.map();
  const Shape& shape = work.tensor.shape;
  each_element(shape, [&](int64_t n, int64_t c, int64_t h, int64_t w) { y[shape.at(n, c, h, w)] *= work.value; });
}

}  // namespace

cudnnStatus_t cudnnAddTensor(cudnnHandle_t handle, const void* alpha, cudnnTensorDescriptor_t a_desc, const void* a,
                             const void* beta, cudnnTensorDescriptor_t c_desc, void* c) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, alpha, a, beta, c);
    const Tensor from = {shape(a_desc), software_cuda::address(a)}, to = {shape(c_desc), software_cuda::address(c)};
    for (int axis = 0; axis < kAxes; axis++) {
      require_parameter(from.shape.size[axis] == to.shape.size[axis] || from.shape.size[axis] == 1,
                        "a size of the summand is neither 1 nor the sum's");
    }
    enqueue<add>(*handle, function, Work{from, to, {scalar(alpha), scalar(beta)}});
  });
}

cudnnStatus_t cudnnSetTensor(cudnnHandle_t handle, cudnnTensorDescriptor_t y_desc, void* y, const void* value) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, y, value);
    enqueue<set>(*handle, function, Constant{{shape(y_desc), software_cuda::address(y)}, scalar(value)});
  });
}

cudnnStatus_t cudnnScaleTensor(cudnnHandle_t handle, cudnnTensorDescriptor_t y_desc, void* y, const void* alpha) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, y, alpha);
    enqueue<scale>(*handle, function, Constant{{shape(y_desc), software_cuda::address(y)}, scalar(alpha)});
  });
}

cudnnStatus_t cudnnTransformTensor(cudnnHandle_t handle, const void* alpha, cudnnTensorDescriptor_t x_desc,
                                   const void* x, const void* beta, cudnnTensorDescriptor_t y_desc, void* y) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, alpha, x, beta, y);
    const Tensor from = {shape(x_desc), software_cuda::address(x)}, to = {shape(y_desc), software_cuda::address(y)};
    require_support(from.shape.has_sizes_of(to.shape), "the tensors are of different sizes");
    require_parameter(from.address != to.address, "tensors cannot be transformed in place");
    enqueue<add>(*handle, function, Work{from, to, {scalar(alpha), scalar(beta)}});
  });
}
