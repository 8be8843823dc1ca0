// dy = mask (a S + b y + d) in place of S: the deferred correction of a gradient and the mask of the dropout after the
// convolution that made y, which its backward kernels then find done. Moves 6 bytes a value, or 12.
#include "correction.cuh"
#include "drop_tile.cuh"

namespace dn {

template <class T>
struct DropoutCorrection {
  T* s;
  const T* y;
  int64_t s_pitch;
  int64_t y_pitch;
  int64_t channels;
  int64_t pixels;
  Dropout dropout;
  Correction y_correction;
};

template <class T>
__device__ __forceinline__ void dropout_correction(const DropoutCorrection<T>& p) {
  extern __shared__ float4 affine[];  // {a, b, d, 0}
  const int channels = p.channels;
  for (int c = threadIdx.x; c < channels; c += blockDim.x)
    affine[c] = correction<T>(p.y_correction, c, stores_statistics());
  const Mask mask = made_mask(p.dropout.control, p.dropout.layer, p.dropout.rate);
  __syncthreads();
#pragma unroll 1
  for (Walk at(channels, 1); at.row() < p.pixels; at.next()) {
    T* s = p.s + at.row() * p.s_pitch + at.column();
    const float4 a = affine[at.column()];
    const float dy = corrected<T>(widened(*s), widened(p.y[at.row() * p.y_pitch + at.column()]), a);
    *s = narrowed<T>(dy * factor(mask, static_cast<uint64_t>(at.row()) * channels + at.column()));
  }
}

}  // namespace dn

extern "C" __global__ void __launch_bounds__(256, 4)
    dn_dropout_correction(const __grid_constant__ dn::DropoutCorrection<dn::bf16> p) {
  dn::dropout_correction(p);
}

extern "C" __global__ void __launch_bounds__(256, 4)
    dn_dropout_correction_fp32(const __grid_constant__ dn::DropoutCorrection<float> p) {
  dn::dropout_correction(p);
}
