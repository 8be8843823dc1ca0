// dw = alpha * (the gradient of the convolution's filters) + beta * dw
#include "convolution_work.h"
#include "patches.h"
#include "product.h"

using namespace software_cudnn;

namespace {

constexpr int64_t kPixels = 256;

// A group's output gradients at pixels [first, first + count): (filters, pixels).
void gather_gradients(std::vector<float>& rows, const Convolution& convolution, const float* dy, int64_t group,
                      int64_t first, int64_t count) {
  const Shape& y = convolution.y;
  const int64_t outputs = convolution.group_outputs();
  rows.resize(static_cast<size_t>(outputs * count));
  for (int64_t i = 0; i < count; i++) {
    const Pixel pixel(first + i, y);
    const float* at = dy + y.at(pixel.image, group * outputs, pixel.row, pixel.column);
    for (int64_t k = 0; k < outputs; k++) rows[k * count + i] = at[k * y.stride[kC]];
  }
  round_operands(convolution, rows);
}

// Blends a group's sums (filters, taps, channels) into dw.
void blend_filters(float* dw, const Convolution& convolution, const Blend& blend, const std::vector<float>& sums,
                   int64_t group) {
  const int64_t inputs = convolution.group_inputs(), outputs = convolution.group_outputs();
  each_tap(convolution.w, false, [&](int64_t tap, int64_t r, int64_t s) {
    for (int64_t k = 0; k < outputs; k++) {
      for (int64_t c = 0; c < inputs; c++) {
        blend(dw + filter_at(convolution, group * outputs + k, c, r, s),
              sums[(k * convolution.taps() + tap) * inputs + c]);
      }
    }
  });
}

void run(const ConvolutionWork& work) {
  const Convolution& convolution = work.convolution;
  const float *x = work.map_x(), *dy = work.map_y();
  float* dw = work.map_w();
  software_cuda::scribble(work.workspace, work.workspace_bytes);
  if (work.blend.beta == 0) poison(dw, convolution.w);
  const bool backwards = sums_backwards(work);
  const int64_t outputs = convolution.group_outputs(), columns = convolution.taps() * convolution.group_inputs();
  const int64_t pixels = convolution.y.elements() / convolution.y.c(), chunks = (pixels + kPixels - 1) / kPixels;
  std::vector<float> gradients, rows, sums;
  for (int64_t group = 0; group < convolution.desc.groups; group++) {
    sums.assign(static_cast<size_t>(outputs * columns), 0.0f);
    for (int64_t i = 0; i < chunks; i++) {
      const int64_t first = (backwards ? chunks - 1 - i : i) * kPixels, count = std::min(kPixels, pixels - first);
      gather_gradients(gradients, convolution, dy, group, first, count);
      gather_inputs(rows, convolution, x, group, first, count);
      software_cuda::add_product(sums.data(), gradients.data(), rows.data(), outputs, columns, count);
    }
    blend_filters(dw, convolution, work.blend, sums, group);
  }
  software_cuda::scribble(work.workspace, work.workspace_bytes);
}

}  // namespace

cudnnStatus_t cudnnConvolutionBackwardFilter(cudnnHandle_t handle, const void* alpha, cudnnTensorDescriptor_t x_desc,
                                             const void* x, cudnnTensorDescriptor_t dy_desc, const void* dy,
                                             cudnnConvolutionDescriptor_t desc, cudnnConvolutionBwdFilterAlgo_t algo,
                                             void* workspace, size_t workspace_bytes, const void* beta,
                                             cudnnFilterDescriptor_t dw_desc, void* dw) {
  return call(__func__, [&](const char* function) {
    require_pointers(handle, alpha, x, dy, beta, dw);
    const Convolution checked = convolution(x_desc, dw_desc, desc, dy_desc);
    enqueue<run>(*handle, function,
                 convolution_work(function, Direction::kBackwardFilter, algo, checked, blend_of(alpha, beta), x, dw, dy,
                                  workspace, workspace_bytes));
  });
}
