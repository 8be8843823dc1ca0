// dw (classes, channels) = dlogits^T pooled, dbias = the sum of dlogits over images, in the order of images.
// Moves 4 bytes a value of dw, and the operands from the cache. A thread takes up to 4 channels, and of many classes 8.
#include "grid.cuh"
#include "vector.cuh"

namespace dn {

struct LinearWgrad {
  float* dw;
  float* dbias;
  const float* __restrict__ dlogits;
  const float* __restrict__ pooled;
  int64_t images;
  int64_t channels;
  int64_t classes;
};

template <int kClasses, int kWidth>
__device__ __forceinline__ void linear_wgrad(const LinearWgrad& p, uint32_t first, uint32_t channel) {
  const auto classes = static_cast<uint32_t>(p.classes);
  uint32_t of_class[kClasses];  // those beyond the last are the last one, and not stored
#pragma unroll
  for (int k = 0; k < kClasses; k++) of_class[k] = min(first + k, classes - 1);
  float sum[kClasses][kWidth] = {};
#pragma unroll 2
  for (int64_t n = 0; n < p.images; n++) {
    const auto x = load<kWidth>(p.pooled + n * p.channels + channel);
#pragma unroll
    for (int k = 0; k < kClasses; k++) {
      const float dlogit = p.dlogits[n * p.classes + of_class[k]];
#pragma unroll
      for (int i = 0; i < kWidth; i++) sum[k][i] = fmaf(dlogit, x.value[i], sum[k][i]);
    }
  }
#pragma unroll
  for (int k = 0; k < kClasses; k++) {
    if (first + k >= classes) continue;
    Vector<kWidth> dw;
#pragma unroll
    for (int i = 0; i < kWidth; i++) dw.value[i] = sum[k][i];
    store(p.dw + int64_t{first + k} * p.channels + channel, dw);
  }
}

__device__ __forceinline__ float linear_bias_gradient(const LinearWgrad& p, int64_t k) {
  float sum = 0;
#pragma unroll 1
  for (int64_t n = 0; n < p.images; n++) sum += p.dlogits[n * p.classes + k];
  return sum;
}

template <int kClasses, int kWidth>
__device__ __forceinline__ void linear_wgrad(const LinearWgrad& p) {
  const auto across = static_cast<uint32_t>(p.channels / kWidth);
  const int64_t units = (p.classes + kClasses - 1) / kClasses * across;
#pragma unroll 1
  for (int64_t i = thread_index(); i < units + p.classes; i += thread_count()) {
    if (i < units) {
      const uint32_t unit = static_cast<uint32_t>(i), row = unit / across;
      linear_wgrad<kClasses, kWidth>(p, row * kClasses, (unit - row * across) * kWidth);
    } else {
      p.dbias[i - units] = linear_bias_gradient(p, i - units);
    }
  }
}

}  // namespace dn

extern "C" __global__ void __launch_bounds__(256, 2)
    dn_linear_wgrad(float* dw, float* dbias, const float* dlogits, const float* pooled, int64_t images,
                    int64_t channels, int64_t classes) {
  const dn::LinearWgrad p = {dw, dbias, dlogits, pooled, images, channels, classes};
  dn::with_widest(
      [&](auto width) {
        constexpr int kWidth = decltype(width)::value;
        if (classes >= 128) {
          dn::linear_wgrad<8, kWidth>(p);
        } else {
          dn::linear_wgrad<1, kWidth>(p);
        }
      },
      dw, pooled, channels);
}
