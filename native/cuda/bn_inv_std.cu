// inv_std = 1 / sqrt(variance + epsilon), as cuDNN wants it saved. Moves 8 bytes a channel.
#include "densenet4j_types.h"
#include "grid.cuh"

extern "C" __global__ void __launch_bounds__(dn::kBlock, dn::kBlocks)
    dn_bn_inv_std(float* inv_std, const float* variance, int64_t channels) {
  for (int64_t c = dn::thread_index(); c < channels; c += dn::thread_count()) {
    inv_std[c] = static_cast<float>(1.0 / sqrt(variance[c] + DN_BN_EPSILON));
  }
}
