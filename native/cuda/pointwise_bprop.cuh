// Backward of y = conv1x1(mean over windows of relu(bn(x))) as two kernels, one for the gradient of x and one for that
// of the weights: for windows of 2x2 pixels (transitions), and for layers wider than conv1x1_bprop.cuh serves.
#ifndef DENSENET4J_CUDA_POINTWISE_BPROP_CUH
#define DENSENET4J_CUDA_POINTWISE_BPROP_CUH

#include "correction.cuh"
#include "factors.cuh"
#include "statistics.cuh"
#include "tiles.cuh"
#include "windows.cuh"

namespace dn {

template <class T>
struct PointwiseBprop {
  T* s;               // (x pixels, s_pitch)
  ExactSum* x_sums;   // (channels, 2): of dx' and dx' (x - mean), dx' the gradient after the ReLU
  float* w_partials;  // (gridDim.x, y_channels, channels)
  const T* gy;        // the gradient of y before its correction
  const T* y;
  const T* x;
  const T* w;  // whole stages of planes, (planes, w_rows, kVector); zeros where it pads
  int64_t s_pitch;
  int64_t gy_pitch;
  int64_t y_pitch;
  int64_t x_pitch;
  int64_t w_rows;  // a multiple of 32
  int64_t channels;
  int64_t y_channels;
  int64_t images;
  int64_t height;  // of x
  int64_t width;
  int64_t accumulate;
  int64_t tf32;  // whether factors are rounded to TF32; of float32
  Correction y_correction;
  Reader reader;
  HandOver hand_over;
};

// The corrections of y channels [first, first + count), 0 where none is.
template <class T>
__device__ __forceinline__ void store_correction(float4* to, const PointwiseBprop<T>& p, int first, int count,
                                                 int threads, bool stores) {
  for (int c = threadIdx.x; c < count; c += threads) {
    float4 v = make_float4(0, 0, 0, 0);
    if (first + c < static_cast<int>(p.y_channels)) v = correction<T>(p.y_correction, first + c, stores);
    to[spread<T>(c)] = v;
  }
}

}  // namespace dn
#endif
