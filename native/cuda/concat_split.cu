// dx (+)= dy, from a channel slice of the gradient of a concatenation.
// Moves 8 bytes a value, 12 if it accumulates.
#include "copy.cuh"

extern "C" __global__ void __launch_bounds__(dn::kBlock, dn::kBlocks)
    dn_concat_split(float* dx, int64_t dx_pitch, const float* dy, int64_t dy_pitch, int64_t pixels, int64_t channels,
                    int64_t accumulate) {
  if (accumulate != 0) {
    dn::copy<true>(dx, dx_pitch, dy, dy_pitch, pixels, channels,
                   [](float before, float value) { return before + value; });
  } else {
    dn::copy<false>(dx, dx_pitch, dy, dy_pitch, pixels, channels, [](float, float value) { return value; });
  }
}
