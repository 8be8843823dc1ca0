// The gradients of gamma and beta of a consumer that nobody comes after: what its input was made of is not trained, so
// that the input's gradient is corrected by none (correction.cuh). Moves 64 bytes a channel.
#include "correction.cuh"
#include "grid.cuh"

namespace dn {

template <class T>
__device__ __forceinline__ void consumer_gradients(const Consumer& of, const float* variance, int64_t channels) {
  for (int64_t i = thread_index(); i < channels; i += thread_count()) {
    const int channel = static_cast<int>(i);
    const Shares<T> shares(of, channel, inverse_deviation<T>(variance[channel]), 1);
    shares.store(of, channel);
  }
}

}  // namespace dn

extern "C" __global__ void __launch_bounds__(256, 6)
    dn_consumer_gradients(const dn::ExactSum* sums, const float* gamma, float* dgamma, float* dbeta,
                          const float* variance, int64_t channels) {
  dn::consumer_gradients<dn::bf16>({sums, gamma, dgamma, dbeta}, variance, channels);
}

extern "C" __global__ void __launch_bounds__(256, 6)
    dn_consumer_gradients_fp32(const dn::ExactSum* sums, const float* gamma, float* dgamma, float* dbeta,
                               const float* variance, int64_t channels) {
  dn::consumer_gradients<float>({sums, gamma, dgamma, dbeta}, variance, channels);
}
