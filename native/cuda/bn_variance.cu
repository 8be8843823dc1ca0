// variance = max(0, 1 / inv_std^2 - epsilon): what cuDNN saved, as the rest of the program knows it. Moves 8 bytes a
// channel. In double, since the variance may be smaller than epsilon.
#include "densenet4j_types.h"
#include "grid.cuh"

extern "C" __global__ void __launch_bounds__(dn::kBlock, dn::kBlocks)
    dn_bn_variance(float* variance, const float* inv_std, int64_t channels) {
  for (int64_t c = dn::thread_index(); c < channels; c += dn::thread_count()) {
    const double scale = inv_std[c];
    const double difference = 1.0 / (scale * scale) - DN_BN_EPSILON;
    variance[c] = difference < 0 ? 0.0f : static_cast<float>(difference);
  }
}
