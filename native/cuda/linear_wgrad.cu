// dw (classes, channels) = dlogits^T pooled, dbias = the sum of dlogits over images. A value a thread.
// Moves 4 bytes a value of dw, and the operands from the cache.
#include "grid.cuh"

extern "C" __global__ void __launch_bounds__(256, 6)
    dn_linear_wgrad(float* dw, float* dbias, const float* __restrict__ dlogits, const float* __restrict__ pooled,
                    int64_t images, int64_t channels, int64_t classes) {
  const int64_t count = classes * channels;
  for (int64_t i = dn::thread_index(); i < count + classes; i += dn::thread_count()) {
    float sum = 0;
    if (i < count) {
      const int64_t k = static_cast<uint32_t>(i) / static_cast<uint32_t>(channels), c = i - k * channels;
      for (int64_t n = 0; n < images; n++) sum = fmaf(dlogits[n * classes + k], pooled[n * channels + c], sum);
      dw[i] = sum;
    } else {
      for (int64_t n = 0; n < images; n++) sum += dlogits[n * classes + i - count];
      dbias[i - count] = sum;
    }
  }
}
