// dx = dy times the mask of the forward pass, which is made again. Moves 8 bytes a value.
#include "dropout.cuh"

extern "C" __global__ void __launch_bounds__(dn::kBlock, dn::kBlocks)
    dn_dropout_dgrad(float* dx, int64_t dx_pitch, const float* dy, int64_t dy_pitch, const dn_control* control,
                     int64_t layer, double rate, int64_t pixels, int64_t channels) {
  dn::drop(dx, dx_pitch, dy, dy_pitch, control, layer, rate, pixels, channels);
}
