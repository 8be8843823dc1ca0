// What the 3x3 forward kernels share: operands.
#ifndef DENSENET4J_CUDA_CONV3X3_FPROP_CUH
#define DENSENET4J_CUDA_CONV3X3_FPROP_CUH

#include "drop_tile.cuh"
#include "norm.cuh"
#include "tiles.cuh"

namespace dn {

template <class T>
struct Conv3x3Fprop {
  T* y;              // of the slice: y[pixel * y_pitch + channel]
  ExactSum* y_sums;  // (y_channels, 2); null: statistics are not wanted
  const T* x;
  const T* w;  // (9, planes, w_rows, kVector): planes is a multiple of stage_planes, zeros where it pads
  int64_t y_pitch;
  int64_t x_pitch;  // a multiple of kVector
  int64_t w_rows;
  int64_t y_channels;
  int64_t y_width;  // the most values, in 16 bytes, that address, pitch and y_channels are multiples of
  int64_t tf32;     // whether factors are rounded to TF32; of float32
  int64_t pixels;
  int64_t height;
  int64_t width;
  Norm norm;
  Dropout dropout;
};

}  // namespace dn
#endif
