// Backward of the transition: S = gamma dx', the first consumer's, so that it is written and not added to, and dw. A
// pixel of x gets a quarter of its window's gradient; one that no window has gets 0. Moves 2 bytes a value of S, x, y
// and y's gradient, or 4, the last two for each 64 channels of x in both kernels, in the first, of bfloat16, for each
// 128.
#include "pointwise_dgrad.cuh"
#include "pointwise_wgrad.cuh"

extern "C" __global__ void __launch_bounds__(128, 3)
    dn_transition_bprop_data(const __grid_constant__ dn::Tiled<dn::PointwiseBprop<dn::bf16>> p) {
  dn::pointwise_dgrad<2>(p);
}

extern "C" __global__ void __launch_bounds__(128, 4)
    dn_transition_bprop_weights(const __grid_constant__ dn::Tiled<dn::PointwiseBprop<dn::bf16>> p) {
  dn::pointwise_wgrad<2>(p);
}

extern "C" __global__ void __launch_bounds__(128, 2)
    dn_transition_bprop_data_fp32(const __grid_constant__ dn::Tiled<dn::PointwiseBprop<float>> p) {
  dn::pointwise_dgrad<2>(p);
}

extern "C" __global__ void __launch_bounds__(128, 3)
    dn_transition_bprop_weights_fp32(const __grid_constant__ dn::Tiled<dn::PointwiseBprop<float>> p) {
  dn::pointwise_wgrad<2>(p);
}
