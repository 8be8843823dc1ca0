// y = x times the mask of zeros and 1 / (1 - rate). Moves 8 bytes a value.
#include "dropout.cuh"

extern "C" __global__ void __launch_bounds__(dn::kBlock, dn::kBlocks)
    dn_dropout_fprop(float* y, int64_t y_pitch, const float* x, int64_t x_pitch, const dn_control* control,
                     int64_t layer, double rate, int64_t pixels, int64_t channels) {
  dn::drop(y, y_pitch, x, x_pitch, control, layer, rate, pixels, channels);
}
