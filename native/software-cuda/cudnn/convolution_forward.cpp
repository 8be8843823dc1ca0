// y = alpha * conv(x, w) + beta * y
#include "convolution_work.h"
#include "patches.h"
#include "product.h"

using namespace software_cudnn;

namespace {

constexpr int64_t kPixels = 64;

// A group's filters: (taps, channels, filters).
std::vector<float> filters_by_tap(const Convolution& convolution, const float* w, int64_t group) {
  const int64_t inputs = convolution.group_inputs(), outputs = convolution.group_outputs();
  std::vector<float> packed(static_cast<size_t>(convolution.taps() * inputs * outputs));
  each_tap(convolution.w, false, [&](int64_t tap, int64_t r, int64_t s) {
    for (int64_t c = 0; c < inputs; c++) {
      for (int64_t k = 0; k < outputs; k++) {
        packed[(tap * inputs + c) * outputs + k] = w[filter_at(convolution, group * outputs + k, c, r, s)];
      }
    }
  });
  round_operands(convolution, packed);
  return packed;
}

void run(const ConvolutionWork& work) {
  const Convolution& convolution = work.convolution;
  const float *x = work.map_x(), *w = work.map_w();
  float* y = work.map_y();
  software_cuda::scribble(work.workspace, work.workspace_bytes);
  if (work.blend.beta == 0) poison(y, convolution.y);
  const int64_t outputs = convolution.group_outputs(), pixels = convolution.y.elements() / convolution.y.c();
  const int64_t depth = convolution.taps() * convolution.group_inputs();
  std::vector<float> rows, sums;
  for (int64_t group = 0; group < convolution.desc.groups; group++) {
    const std::vector<float> filters = filters_by_tap(convolution, w, group);
    for (int64_t first = 0; first < pixels; first += kPixels) {
      const int64_t count = std::min(kPixels, pixels - first);
      gather_inputs(rows, convolution, x, group, first, count);
      sums.assign(static_cast<size_t>(count * outputs), 0.0f);
      software_cuda::add_product(sums.data(), rows.data(), filters.data(), count, outputs, depth);
      blend_rows(y, convolution.y, work.blend, sums, group * outputs, outputs, first, count);
    }
  }
  software_cuda::scribble(work.workspace, work.workspace_bytes);
}

}  // namespace

cudnnStatus_t cudnnConvolutionForward(cudnnHandle_t handle, const void* alpha, cudnnTensorDescriptor_t x_desc,
                                      const void* x, cudnnFilterDescriptor_t w_desc, const void* w,
                                      cudnnConvolutionDescriptor_t desc, cudnnConvolutionFwdAlgo_t algo,
                                      void* workspace, size_t workspace_bytes, const void* beta,
                                      cudnnTensorDescriptor_t y_desc, void* y) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, alpha, x, w, beta, y);
    const Convolution checked = convolution(x_desc, w_desc, desc, y_desc);
    enqueue<run>(*handle, function,
                 convolution_work(function, Direction::kForward, algo, checked, blend_of(alpha, beta), x, w, y,
                                  workspace, workspace_bytes));
  });
}
