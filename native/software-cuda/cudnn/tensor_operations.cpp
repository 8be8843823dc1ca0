// Sums, constants, factors and copies of tensors.
#include "descriptors.h"

using namespace software_cudnn;

namespace {

struct Work {
  Tensor from, to;
  Blend blend;
};

void add(const Work& work) {
  const float* a = work.from.map();
  float* c = work.to.map();
  work.to.shape.each([&](const Element& e) {
    work.blend(c + work.to.shape.at(e), a[work.from.shape.broadcast_at(e)]);
  });
}

struct Constant {
  Tensor tensor;
  float value;
};

void set(const Constant& work) {
  float* y = work.tensor.map();
  const Shape& shape = work.tensor.shape;
  shape.each([&](const Element& e) { y[shape.at(e)] = work.value; });
}

void scale(const Constant& work) {
  float* y = work.tensor.map();
  const Shape& shape = work.tensor.shape;
  shape.each([&](const Element& e) { y[shape.at(e)] *= work.value; });
}

}  // namespace

cudnnStatus_t cudnnAddTensor(cudnnHandle_t handle, const void* alpha, cudnnTensorDescriptor_t a_desc, const void* a,
                             const void* beta, cudnnTensorDescriptor_t c_desc, void* c) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, alpha, a, beta, c);
    const Tensor from = tensor(a_desc, a), to = tensor(c_desc, c);
    for (int axis = 0; axis < kAxes; axis++) {
      require_parameter(from.shape.size[axis] == to.shape.size[axis] || from.shape.size[axis] == 1,
                        "a size of the summand is neither 1 nor the sum's");
    }
    enqueue<add>(*handle, function, Work{from, to, blend_of(alpha, beta)});
  });
}

cudnnStatus_t cudnnSetTensor(cudnnHandle_t handle, cudnnTensorDescriptor_t y_desc, void* y, const void* value) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, y, value);
    enqueue<set>(*handle, function, Constant{tensor(y_desc, y), scalar(value)});
  });
}

cudnnStatus_t cudnnScaleTensor(cudnnHandle_t handle, cudnnTensorDescriptor_t y_desc, void* y, const void* alpha) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, y, alpha);
    enqueue<scale>(*handle, function, Constant{tensor(y_desc, y), scalar(alpha)});
  });
}

cudnnStatus_t cudnnTransformTensor(cudnnHandle_t handle, const void* alpha, cudnnTensorDescriptor_t x_desc,
                                   const void* x, const void* beta, cudnnTensorDescriptor_t y_desc, void* y) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, alpha, x, beta, y);
    const Tensor from = tensor(x_desc, x), to = tensor(y_desc, y);
    require_support(from.shape.has_sizes_of(to.shape), "the tensors are of different sizes");
    require_parameter(from.address != to.address, "tensors cannot be transformed in place");
    enqueue<add>(*handle, function, Work{from, to, blend_of(alpha, beta)});
  });
}
