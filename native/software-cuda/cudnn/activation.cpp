// y = f(x) and its gradient.
#include <cmath>
#include <limits>

#include "descriptors.h"

using namespace software_cudnn;

namespace {

struct Function {
  cudnnActivationMode_t mode;
  bool keeps_nan;
  float coefficient;

  // A ReLU that does not propagate NaN makes it 0; the smooth functions keep it.
  float value(float x) const {
    switch (mode) {
      case CUDNN_ACTIVATION_SIGMOID: return 1.0f / (1.0f + std::exp(-x));
      case CUDNN_ACTIVATION_TANH: return std::tanh(x);
      case CUDNN_ACTIVATION_ELU: return x < 0 ? coefficient * std::expm1(x) : x;
      case CUDNN_ACTIVATION_CLIPPED_RELU:
        if (x > coefficient) return coefficient;
        break;
      default: break;
    }
    if (std::isnan(x)) return keeps_nan ? x : 0.0f;
    return x > 0 ? x : 0.0f;
  }

  float gradient(float y, float dy, float x) const {
    switch (mode) {
      case CUDNN_ACTIVATION_SIGMOID: return dy * y * (1.0f - y);
      case CUDNN_ACTIVATION_TANH: return dy * (1.0f - y * y);
      case CUDNN_ACTIVATION_ELU: return x < 0 ? dy * (y + coefficient) : dy;
      case CUDNN_ACTIVATION_CLIPPED_RELU:
        if (x >= coefficient) return 0;
        break;
      default: break;
    }
    if (std::isnan(x)) return keeps_nan ? x : 0.0f;
    return x > 0 ? dy : 0.0f;
  }
};

struct ForwardWork {
  Function function;
  Blend blend;
  Tensor x, y;
};

void forward(const ForwardWork& work) {
  const Shape &from = work.x.shape, &to = work.y.shape;
  const float* x = work.x.map();
  float* y = work.y.map();
  to.each([&](const Element& e) { work.blend(y + to.at(e), work.function.value(x[from.at(e)])); });
}

struct BackwardWork {
  Function function;
  Blend blend;
  Tensor y, dy, x, dx;
};

void backward(const BackwardWork& work) {
  const float *y = work.y.map(), *dy = work.dy.map(), *x = work.x.map();
  float* dx = work.dx.map();
  work.dx.shape.each([&](const Element& e) {
    const float gradient =
        work.function.gradient(y[work.y.shape.at(e)], dy[work.dy.shape.at(e)], x[work.x.shape.at(e)]);
    work.blend(dx + work.dx.shape.at(e), gradient);
  });
}

Function function_of(cudnnActivationDescriptor_t desc) {
  require_set(desc);
  require_support(desc->mode <= CUDNN_ACTIVATION_ELU, "this activation is not supported");
  return {desc->mode, desc->nan == CUDNN_PROPAGATE_NAN, static_cast<float>(desc->coefficient)};
}

}  // namespace

cudnnStatus_t cudnnActivationForward(cudnnHandle_t handle, cudnnActivationDescriptor_t desc, const void* alpha,
                                     cudnnTensorDescriptor_t x_desc, const void* x, const void* beta,
                                     cudnnTensorDescriptor_t y_desc, void* y) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, alpha, x, beta, y);
    const Function activation = function_of(desc);
    const Tensor from = tensor(x_desc, x), to = tensor(y_desc, y);
    require_elementwise(from, to);
    enqueue<forward>(*handle, function, ForwardWork{activation, blend_of(alpha, beta), from, to});
  });
}

cudnnStatus_t cudnnActivationBackward(cudnnHandle_t handle, cudnnActivationDescriptor_t desc, const void* alpha,
                                      cudnnTensorDescriptor_t y_desc, const void* y, cudnnTensorDescriptor_t dy_desc,
                                      const void* dy, cudnnTensorDescriptor_t x_desc, const void* x, const void* beta,
                                      cudnnTensorDescriptor_t dx_desc, void* dx) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, alpha, y, dy, x, beta, dx);
    const BackwardWork work = {function_of(desc),
                               blend_of(alpha, beta),
                               tensor(y_desc, y),
                               tensor(dy_desc, dy),
                               tensor(x_desc, x),
                               tensor(dx_desc, dx)};
    for (const Tensor* other : {&work.y, &work.dy, &work.x}) {
      require_support(other->shape.has_sizes_of(work.dx.shape), "the tensors are of different sizes");
      require_same_strides_in_place(*other, work.dx);
    }
    require_support(work.y.shape.has_strides_of(work.dy.shape), "output and output gradient are of different strides");
    require_support(work.x.shape.has_strides_of(work.dx.shape), "input and input gradient are of different strides");
    enqueue<backward>(*handle, function, work);
  });
}
