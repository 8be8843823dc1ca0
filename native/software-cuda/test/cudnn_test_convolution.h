// Convolutions for the tests, and what they should give.
#ifndef DENSENET4J_SOFTWARE_CUDA_CUDNN_TEST_CONVOLUTION_H
#define DENSENET4J_SOFTWARE_CUDA_CUDNN_TEST_CONVOLUTION_H

#include <cmath>
#include <functional>

#include "cudnn_test.h"

namespace cudnn_test {

struct Geometry {
  int batch, inputs, height, width, outputs, window, pad, stride, dilation, groups;
  cudnnConvolutionMode_t mode = CUDNN_CROSS_CORRELATION;

  int out(int size) const { return (size + 2 * pad - (window - 1) * dilation - 1) / stride + 1; }
};

// A convolution with its descriptors and all its tensors, each with contents of its own.
class Case {
 public:
  Case(const Geometry& g, const Layout& x_layout, cudnnTensorFormat_t format, const Layout& y_layout)
      : geometry(g),
        x(x_layout, 1),
        y(y_layout, 2),
        w_layout(format == CUDNN_TENSOR_NHWC ? Layout::nhwc(g.outputs, g.inputs / g.groups, g.window, g.window)
                                             : Layout::nchw(g.outputs, g.inputs / g.groups, g.window, g.window)),
        w_host(random_floats(w_layout.extent(), 3)),
        w(w_host) {
    OK(cudnnCreateFilterDescriptor(&filter));
    OK(cudnnSetFilter4dDescriptor(filter, CUDNN_DATA_FLOAT, format, w_layout.n, w_layout.c, w_layout.h, w_layout.w));
    OK(cudnnCreateConvolutionDescriptor(&desc));
    OK(cudnnSetConvolution2dDescriptor(desc, g.pad, g.pad, g.stride, g.stride, g.dilation, g.dilation, g.mode,
                                       CUDNN_DATA_FLOAT));
    OK(cudnnSetConvolutionGroupCount(desc, g.groups));
    OK(cudnnSetConvolutionMathType(desc, CUDNN_FMA_MATH));
  }
  ~Case() {
    cudnnDestroyFilterDescriptor(filter);
    cudnnDestroyConvolutionDescriptor(desc);
  }
  Case(const Case&) = delete;

  // NHWC throughout, filters KRSC.
  static std::unique_ptr<Case> nhwc(const Geometry& g) {
    return std::make_unique<Case>(g, Layout::nhwc(g.batch, g.inputs, g.height, g.width), CUDNN_TENSOR_NHWC,
                                  Layout::nhwc(g.batch, g.outputs, g.out(g.height), g.out(g.width)));
  }
  static std::unique_ptr<Case> nchw(const Geometry& g) {
    return std::make_unique<Case>(g, Layout::nchw(g.batch, g.inputs, g.height, g.width), CUDNN_TENSOR_NCHW,
                                  Layout::nchw(g.batch, g.outputs, g.out(g.height), g.out(g.width)));
  }

  // Visits all products that a convolution sums: an element of y, one of x and one of w.
  void each_product(const std::function<void(size_t y, size_t x, size_t w)>& visit) const {
    const Geometry& g = geometry;
    y.layout.each([&](int n, int k, int p, int q) {
      const int group = k / (g.outputs / g.groups);
      for (int c = 0; c < w_layout.c; c++) {
        for (int r = 0; r < g.window; r++) {
          for (int s = 0; s < g.window; s++) {
            const int h = p * g.stride - g.pad + r * g.dilation, v = q * g.stride - g.pad + s * g.dilation;
            if (h < 0 || h >= g.height || v < 0 || v >= g.width) continue;
            const bool flipped = g.mode == CUDNN_CONVOLUTION;
            const size_t filter_at =
                w_layout.at(k, c, flipped ? g.window - 1 - r : r, flipped ? g.window - 1 - s : s);
            visit(y.layout.at(n, k, p, q), x.layout.at(n, group * w_layout.c + c, h, v), filter_at);
          }
        }
      }
    });
  }

  Geometry geometry;
  Tensor x, y;
  Layout w_layout;
  std::vector<float> w_host;
  Buffer w;
  cudnnFilterDescriptor_t filter = nullptr;
  cudnnConvolutionDescriptor_t desc = nullptr;
};

// The case's convolution and its gradients, each written over the tensor that they give.
inline cudnnStatus_t forward(const Handle& handle, const Case& test, cudnnConvolutionFwdAlgo_t algorithm,
                             void* workspace, size_t bytes, float alpha = 1, float beta = 0) {
  return cudnnConvolutionForward(handle, &alpha, test.x.desc, test.x.device(), test.filter, test.w.device(), test.desc,
                                 algorithm, workspace, bytes, &beta, test.y.desc, test.y.device());
}

inline cudnnStatus_t backward_data(const Handle& handle, const Case& test, cudnnConvolutionBwdDataAlgo_t algorithm,
                                   void* workspace, size_t bytes, float alpha = 1, float beta = 0) {
  return cudnnConvolutionBackwardData(handle, &alpha, test.filter, test.w.device(), test.y.desc, test.y.device(),
                                      test.desc, algorithm, workspace, bytes, &beta, test.x.desc, test.x.device());
}

inline cudnnStatus_t backward_filter(const Handle& handle, const Case& test, cudnnConvolutionBwdFilterAlgo_t algorithm,
                                     void* workspace, size_t bytes, float alpha = 1, float beta = 0) {
  return cudnnConvolutionBackwardFilter(handle, &alpha, test.x.desc, test.x.device(), test.y.desc, test.y.device(),
                                        test.desc, algorithm, workspace, bytes, &beta, test.filter, test.w.device());
}

// Sums of products with the sums of their magnitudes, which bound the error.
struct Sums {
  std::vector<double> value, magnitude;

  explicit Sums(size_t count) : value(count), magnitude(count) {}

  void add(size_t at, double product) {
    value[at] += product;
    magnitude[at] += std::abs(product);
  }

  // Checks the elements at `at` of alpha * sums + beta * old.
  void check(const std::vector<float>& found, const std::vector<float>& old, float alpha, float beta,
             size_t at) const {
    const double expected = alpha * value[at] + (beta == 0 ? 0 : beta * old[at]);
    const double scale = std::abs(alpha) * magnitude[at] + std::abs(beta * (beta == 0 ? 0 : old[at]));
    CHECK_NEAR(found[at], expected, 1e-6 * scale + 1e-30);
  }
};

}  // namespace cudnn_test
#endif
