// What the product of a convolution multiplies: patches of images in rows, filters in rows of the same order.
#ifndef DENSENET4J_SOFTWARE_CUDNN_PATCHES_H
#define DENSENET4J_SOFTWARE_CUDNN_PATCHES_H

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "convolution.h"
#include "tf32.h"

namespace software_cudnn {

// Copies a pixel's channels [first, first + count).
inline void copy_channels(float* to, const float* pixel, const Shape& shape, int64_t first, int64_t count) {
  const int64_t stride = shape.stride[kC];
  if (stride == 1) {
    std::memcpy(to, pixel + first, static_cast<size_t>(count) * sizeof(float));
  } else {
    for (int64_t c = 0; c < count; c++) to[c] = pixel[(first + c) * stride];
  }
}

// A pixel of an image by its number in the batch.
struct Pixel {
  int64_t image, row, column;

  Pixel(int64_t index, const Shape& shape)
      : image(index / (shape.h() * shape.w())),
        row(index / shape.w() % shape.h()),
        column(index % shape.w()) {}
};

// Visits the taps of a filter in order, or the other way round.
template <class Visit>
void each_tap(const Shape& w, bool backwards, const Visit& visit) {
  const int64_t taps = w.h() * w.w();
  for (int64_t i = 0; i < taps; i++) {
    const int64_t tap = backwards ? taps - 1 - i : i;
    visit(i, tap / w.w(), tap % w.w());
  }
}

// Where the filter's value for that tap lies: a convolution, unlike a cross-correlation, turns its filter round.
inline int64_t filter_at(const Convolution& convolution, int64_t k, int64_t c, int64_t r, int64_t s) {
  const Shape& w = convolution.w;
  return convolution.desc.mode == CUDNN_CONVOLUTION ? w.at(k, c, w.h() - 1 - r, w.w() - 1 - s) : w.at(k, c, r, s);
}

inline void round_operands(const Convolution& convolution, std::vector<float>& operands) {
  if (!convolution.rounds_to_tf32()) return;
  software_cuda::round_to_tf32(operands.data(), static_cast<int64_t>(operands.size()));
}

// Which input an output sees through a tap, or -1 if it is padding.
inline int64_t input_of(const Convolution& convolution, int axis, int64_t output, int64_t tap) {
  const cudnnConvolutionStruct& desc = convolution.desc;
  const int64_t input = output * desc.stride[axis] - desc.pad[axis] + tap * desc.dilation[axis];
  return input < convolution.x.size[kH + axis] ? std::max<int64_t>(input, -1) : -1;
}

// Which output sees an input through a tap, or -1 if there is none.
inline int64_t output_of(const Convolution& convolution, int axis, int64_t input, int64_t tap) {
  const cudnnConvolutionStruct& desc = convolution.desc;
  const int64_t distance = input + desc.pad[axis] - tap * desc.dilation[axis];
  if (distance < 0 || distance % desc.stride[axis] != 0) return -1;
  const int64_t output = distance / desc.stride[axis];
  return output < convolution.y.size[kH + axis] ? output : -1;
}

// What output pixels [first, first + count) see of a group's inputs: (pixels, taps, channels).
inline void gather_inputs(std::vector<float>& rows, const Convolution& convolution, const float* x, int64_t group,
                          int64_t first, int64_t count) {
  const int64_t channels = convolution.group_inputs();
  rows.assign(static_cast<size_t>(count * convolution.taps() * channels), 0.0f);
  for (int64_t i = 0; i < count; i++) {
    const Pixel pixel(first + i, convolution.y);
    each_tap(convolution.w, false, [&](int64_t tap, int64_t r, int64_t s) {
      const int64_t h = input_of(convolution, 0, pixel.row, r), w = input_of(convolution, 1, pixel.column, s);
      if (h < 0 || w < 0) return;
      copy_channels(rows.data() + (i * convolution.taps() + tap) * channels, x + convolution.x.at(pixel.image, 0, h, w),
                    convolution.x, group * channels, channels);
    });
  }
  round_operands(convolution, rows);
}

// Which output gradients reach input pixels [first, first + count): (pixels, taps, filters).
inline void gather_outputs(std::vector<float>& rows, const Convolution& convolution, const float* dy, int64_t group,
                           int64_t first, int64_t count, bool backwards) {
  const int64_t filters = convolution.group_outputs();
  rows.assign(static_cast<size_t>(count * convolution.taps() * filters), 0.0f);
  for (int64_t i = 0; i < count; i++) {
    const Pixel pixel(first + i, convolution.x);
    each_tap(convolution.w, backwards, [&](int64_t tap, int64_t r, int64_t s) {
      const int64_t p = output_of(convolution, 0, pixel.row, r), q = output_of(convolution, 1, pixel.column, s);
      if (p < 0 || q < 0) return;
      copy_channels(rows.data() + (i * convolution.taps() + tap) * filters, dy + convolution.y.at(pixel.image, 0, p, q),
                    convolution.y, group * filters, filters);
    });
  }
  round_operands(convolution, rows);
}

// Output is written at last; a caller who lets it overlap an operand finds NaN.
inline void poison(float* data, const Shape& shape) {
  shape.each([&](const Element& e) { data[shape.at(e)] = std::numeric_limits<float>::quiet_NaN(); });
}

// Blends rows of sums (pixels, channels) into pixels [first, first + count) of a tensor.
inline void blend_rows(float* to, const Shape& shape, const Blend& blend, const std::vector<float>& rows,
                       int64_t first_channel, int64_t channels, int64_t first, int64_t count) {
  for (int64_t i = 0; i < count; i++) {
    const Pixel pixel(first + i, shape);
    float* at = to + shape.at(pixel.image, first_channel, pixel.row, pixel.column);
    for (int64_t c = 0; c < channels; c++) blend(at + c * shape.stride[kC], rows[i * channels + c]);
  }
}

}  // namespace software_cudnn
#endif
