// Softmax over an image's elements, or over a pixel's channels.
#include <algorithm>
#include <cmath>
#include <vector>

#include "descriptors.h"

using namespace software_cudnn;

namespace {

struct Kind {
  cudnnSoftmaxAlgorithm_t algorithm;
  cudnnSoftmaxMode_t mode;
};

struct ForwardWork {
  Kind kind;
  Blend blend;
  Tensor x, y;
};

struct BackwardWork {
  Kind kind;
  Blend blend;
  Tensor y, dy, dx;
};

// An instance: everything that shares a sum. Its elements by number.
class Instances {
 public:
  Instances(const Shape& shape, cudnnSoftmaxMode_t mode)
      : shape_(shape), by_image_(mode == CUDNN_SOFTMAX_MODE_INSTANCE), pixels_(shape.h() * shape.w()) {}

  int64_t count() const { return by_image_ ? shape_.n() : shape_.n() * pixels_; }
  int64_t size() const { return by_image_ ? shape_.c() * pixels_ : shape_.c(); }

  int64_t at(const Shape& in, int64_t instance, int64_t element) const {
    const int64_t image = by_image_ ? instance : instance / pixels_;
    const int64_t pixel = by_image_ ? element % pixels_ : instance % pixels_;
    const int64_t channel = by_image_ ? element / pixels_ : element;
    return in.at(image, channel, pixel / in.w(), pixel % in.w());
  }

 private:
  Shape shape_;
  bool by_image_;
  int64_t pixels_;
};

// In place: logits become probabilities, or their logarithms.
void softmax(std::vector<float>& values, cudnnSoftmaxAlgorithm_t algorithm) {
  float most = 0;
  if (algorithm != CUDNN_SOFTMAX_FAST) most = *std::max_element(values.begin(), values.end());
  float sum = 0;
  for (float value : values) sum += std::exp(value - most);
  for (float& value : values) {
    value = algorithm == CUDNN_SOFTMAX_LOG ? value - most - std::log(sum) : std::exp(value - most) / sum;
  }
}

void forward(const ForwardWork& work) {
  const float* x = work.x.map();
  float* y = work.y.map();
  const Instances instances(work.x.shape, work.kind.mode);
  std::vector<float> values(static_cast<size_t>(instances.size()));
  for (int64_t i = 0; i < instances.count(); i++) {
    for (int64_t e = 0; e < instances.size(); e++) values[e] = x[instances.at(work.x.shape, i, e)];
    softmax(values, work.kind.algorithm);
    for (int64_t e = 0; e < instances.size(); e++) work.blend(y + instances.at(work.y.shape, i, e), values[e]);
  }
}

void backward(const BackwardWork& work) {
  const float *y = work.y.map(), *dy = work.dy.map();
  float* dx = work.dx.map();
  const bool log = work.kind.algorithm == CUDNN_SOFTMAX_LOG;
  const Instances instances(work.y.shape, work.kind.mode);
  for (int64_t i = 0; i < instances.count(); i++) {
    float sum = 0;
    for (int64_t e = 0; e < instances.size(); e++) {
      const float gradient = dy[instances.at(work.dy.shape, i, e)];
      sum += log ? gradient : gradient * y[instances.at(work.y.shape, i, e)];
    }
    for (int64_t e = 0; e < instances.size(); e++) {
      const float value = y[instances.at(work.y.shape, i, e)], gradient = dy[instances.at(work.dy.shape, i, e)];
      work.blend(dx + instances.at(work.dx.shape, i, e),
                 log ? gradient - std::exp(value) * sum : value * (gradient - sum));
    }
  }
}

Kind kind(cudnnSoftmaxAlgorithm_t algorithm, cudnnSoftmaxMode_t mode) {
  require_parameter(algorithm >= CUDNN_SOFTMAX_FAST && algorithm <= CUDNN_SOFTMAX_LOG, "the algorithm is none");
  require_parameter(mode == CUDNN_SOFTMAX_MODE_INSTANCE || mode == CUDNN_SOFTMAX_MODE_CHANNEL, "the mode is none");
  return {algorithm, mode};
}

}  // namespace

cudnnStatus_t cudnnSoftmaxForward(cudnnHandle_t handle, cudnnSoftmaxAlgorithm_t algo, cudnnSoftmaxMode_t mode,
                                  const void* alpha, cudnnTensorDescriptor_t x_desc, const void* x, const void* beta,
                                  cudnnTensorDescriptor_t y_desc, void* y) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, alpha, x, beta, y);
    const Tensor from = tensor(x_desc, x), to = tensor(y_desc, y);
    require_elementwise(from, to);
    enqueue<forward>(*handle, function, ForwardWork{kind(algo, mode), blend_of(alpha, beta), from, to});
  });
}

cudnnStatus_t cudnnSoftmaxBackward(cudnnHandle_t handle, cudnnSoftmaxAlgorithm_t algo, cudnnSoftmaxMode_t mode,
                                   const void* alpha, cudnnTensorDescriptor_t y_desc, const void* y,
                                   cudnnTensorDescriptor_t dy_desc, const void* dy, const void* beta,
                                   cudnnTensorDescriptor_t dx_desc, void* dx) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, alpha, y, dy, beta, dx);
    const BackwardWork work = {kind(algo, mode),
                               blend_of(alpha, beta),
                               tensor(y_desc, y),
                               tensor(dy_desc, dy),
                               tensor(dx_desc, dx)};
    for (const Tensor* other : {&work.y, &work.dy}) {
      require_parameter(other->shape.has_sizes_of(work.dx.shape), "the tensors are of different sizes");
      require_same_strides_in_place(*other, work.dx);
    }
    enqueue<backward>(*handle, function, work);
  });
}
