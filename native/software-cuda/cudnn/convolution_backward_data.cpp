// dx = alpha * (the gradient of the convolution's input) + beta * dx
#include "convolution_work.h"
#include "patches.h"
#include "product.h"

using namespace software_cudnn;

namespace {

constexpr int64_t kPixels = 64;

// A group's filters: (taps, filters, channels).
std::vector<float> filters_by_tap(const Convolution& convolution, const float* w, int64_t group, bool backwards) {
  const int64_t inputs = convolution.group_inputs(), outputs = convolution.group_outputs();
  std::vector<float> packed(static_cast<size_t>(convolution.taps() * inputs * outputs));
  each_tap(convolution.w, backwards, [&](int64_t tap, int64_t r, int64_t s) {
    for (int64_t k = 0; k < outputs; k++) {
      for (int64_t c = 0; c < inputs; c++) {
        packed[(tap * outputs + k) * inputs + c] = w[filter_at(convolution, group * outputs + k, c, r, s)];
      }
    }
  });
  round_operands(convolution, packed);
  return packed;
}

void run(const ConvolutionWork& work) {
  const Convolution& convolution = work.convolution;
  const float *w = work.map_w(), *dy = work.map_y();
  float* dx = work.map_x();
  software_cuda::scribble(work.workspace, work.workspace_bytes);
  if (work.blend.beta == 0) poison(dx, convolution.x);
  const bool backwards = sums_backwards(work);
  const int64_t inputs = convolution.group_inputs(), pixels = convolution.x.elements() / convolution.x.c();
  const int64_t depth = convolution.taps() * convolution.group_outputs();
  std::vector<float> rows, sums;
  for (int64_t group = 0; group < convolution.desc.groups; group++) {
    const std::vector<float> filters = filters_by_tap(convolution, w, group, backwards);
    for (int64_t first = 0; first < pixels; first += kPixels) {
      const int64_t count = std::min(kPixels, pixels - first);
      gather_outputs(rows, convolution, dy, group, first, count, backwards);
      sums.assign(static_cast<size_t>(count * inputs), 0.0f);
      software_cuda::add_product(sums.data(), rows.data(), filters.data(), count, inputs, depth);
      blend_rows(dx, convolution.x, work.blend, sums, group * inputs, inputs, first, count);
    }
  }
  software_cuda::scribble(work.workspace, work.workspace_bytes);
}

}  // namespace

cudnnStatus_t cudnnConvolutionBackwardData(cudnnHandle_t handle, const void* alpha, cudnnFilterDescriptor_t w_desc,
                                           const void* w, cudnnTensorDescriptor_t dy_desc, const void* dy,
                                           cudnnConvolutionDescriptor_t desc, cudnnConvolutionBwdDataAlgo_t algo,
                                           void* workspace, size_t workspace_bytes, const void* beta,
                                           cudnnTensorDescriptor_t dx_desc, void* dx) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, alpha, w, dy, beta, dx);
    const Convolution checked = convolution(dx_desc, w_desc, desc, dy_desc);
    enqueue<run>(*handle, function,
                 convolution_work(function, Direction::kBackwardData, algo, checked, blend_of(alpha, beta), dx, w, dy,
                                  workspace, workspace_bytes));
  });
}
