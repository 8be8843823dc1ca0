// Backward of y = conv1x1(mean over windows of relu(bn(x))) as two kernels, one for the gradient of x and one for that
// of the weights: for windows of 2x2 pixels (transitions), and for layers wider than conv1x1_bprop.cuh serves.
#ifndef DENSENET4J_CUDA_POINTWISE_BPROP_CUH
#define DENSENET4J_CUDA_POINTWISE_BPROP_CUH

#include "correction.cuh"
#include "statistics.cuh"
#include "windows.cuh"

namespace dn {

struct PointwiseBprop {
  bf16* s;            // (x pixels, s_pitch)
  ExactSum* x_sums;   // (channels, 2): of dx' and dx' (x - mean), dx' the gradient after the ReLU
  float* w_partials;  // (gridDim.x, y_channels, channels)
  const bf16* gy;     // the gradient of y before its correction
  const bf16* y;
  const bf16* x;
  const bf16* w;  // planes: (channels rounded up to 32) / 8, w_rows, 8; zeros where it pads
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
  Correction y_correction;
  Reader reader;
  HandOver hand_over;
};

// Eight channels of dy; `affine`: {a, b, d, 0} of one channel after the other.
__device__ __forceinline__ uint4 corrected(uint4 sum, uint4 y, const float4* affine) {
  return make_uint4(corrected(sum.x, y.x, affine[0], affine[1]), corrected(sum.y, y.y, affine[2], affine[3]),
                    corrected(sum.z, y.z, affine[4], affine[5]), corrected(sum.w, y.w, affine[6], affine[7]));
}

// {a, b, d, 0} of y channels [first, first + count), 0 where none is.
__device__ __forceinline__ void store_correction(float4* to, const PointwiseBprop& p, int first, int count, int threads,
                                                 bool stores) {
  for (int c = threadIdx.x; c < count; c += threads) {
    float4 v = make_float4(0, 0, 0, 0);
    if (first + c < static_cast<int>(p.y_channels)) v = correction(p.y_correction, first + c, stores);
    to[c] = v;
  }
}

}  // namespace dn
#endif
