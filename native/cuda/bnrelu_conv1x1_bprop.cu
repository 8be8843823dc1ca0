// Backward of z = conv1x1(relu(bn(x))), data and weights in one pass over x, the gradient of z, and z:
//
//   dz = (gz - offset - zhat * slope) / deviation     the one deferred correction of z's batch norm, once a value
//   da = dz w,  dy = da where scale * x + shift > 0
//   S (+)= gamma dy,  exact sums of dy and dy (x - mean)      what x's batch norms need
//   dw = dz^T relu(scale * x + shift)                         partial sums over pixels, float32
//
// Moves 2 bytes a value of gz, z and x, and 4 of S, or twice as many.
// A block takes kChunk channels of x (blockIdx.y) and tiles of 64 pixels. A warp computes da of 16 * m_tiles pixels and
// 8 * n_tiles channels. Then dw, which stays in registers until the end, is divided in one of two ways:
//
//   by pixels (Z = 48): a warp takes its own pixels and channels again and all of z. What it writes to shared memory is
//     read by itself alone, so a tile has one barrier; warps of the same channels add up their dw at the end.
//   by z (Z = 128): all of z would be too many registers for a wide chunk, so a warp takes its channels, a share of z,
//     and all pixels: a second barrier, no sum at the end.
//
// gz and z of the next tile are loaded into registers while the weights' gradient is multiplied, when da needs none:
// through shared memory they would pass twice more.
#include "conv1x1_bprop.cuh"
#include "pointwise_dgrad.cuh"
#include "pointwise_wgrad.cuh"

// z of up to 48 channels (k = 12) and of up to 128 (k = 32), in tiles of 64 pixels and in chunks of as many channels of
// x as the name ends with: the wider, the less often gz and z are read, and the fewer blocks there are.
extern "C" __global__ void __launch_bounds__(256, 2)
    dn_bnrelu_conv1x1_bprop_48_by_64(const __grid_constant__ dn::Tiled<dn::Conv1x1Bprop<dn::bf16>> p) {
  dn::conv1x1_bprop<dn::bf16, 3, 4, 1, 4, false>(p);
}
extern "C" __global__ void __launch_bounds__(256, 1)
    dn_bnrelu_conv1x1_bprop_48_by_128(const __grid_constant__ dn::Tiled<dn::Conv1x1Bprop<dn::bf16>> p) {
  dn::conv1x1_bprop<dn::bf16, 3, 2, 2, 4, false>(p);
}
extern "C" __global__ void __launch_bounds__(256, 1)
    dn_bnrelu_conv1x1_bprop_48_by_192(const __grid_constant__ dn::Tiled<dn::Conv1x1Bprop<dn::bf16>> p) {
  dn::conv1x1_bprop<dn::bf16, 3, 2, 2, 6, false>(p);
}
extern "C" __global__ void __launch_bounds__(256, 1)
    dn_bnrelu_conv1x1_bprop_128_by_128(const __grid_constant__ dn::Tiled<dn::Conv1x1Bprop<dn::bf16>> p) {
  dn::conv1x1_bprop<dn::bf16, 8, 2, 2, 4, true>(p);
}
extern "C" __global__ void __launch_bounds__(256, 1)
    dn_bnrelu_conv1x1_bprop_128_by_192(const __grid_constant__ dn::Tiled<dn::Conv1x1Bprop<dn::bf16>> p) {
  dn::conv1x1_bprop<dn::bf16, 8, 2, 2, 6, true>(p);
}
extern "C" __global__ void __launch_bounds__(256, 2)
    dn_bnrelu_conv1x1_bprop_48_by_32_fp32(const __grid_constant__ dn::Tiled<dn::Conv1x1Bprop<float>> p) {
  dn::conv1x1_bprop<float, 3, 4, 1, 2, false>(p);
}

// More channels of z than that: the gradient of x and that of the weights apart.
extern "C" __global__ void __launch_bounds__(128, 3)
    dn_bnrelu_conv1x1_bprop_wide_data(const __grid_constant__ dn::Tiled<dn::PointwiseBprop<dn::bf16>> p) {
  dn::pointwise_dgrad<1>(p);
}
extern "C" __global__ void __launch_bounds__(128, 4)
    dn_bnrelu_conv1x1_bprop_wide_weights(const __grid_constant__ dn::Tiled<dn::PointwiseBprop<dn::bf16>> p) {
  dn::pointwise_wgrad<1>(p);
}

extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bnrelu_conv1x1_bprop_wide_data_fp32(const __grid_constant__ dn::Tiled<dn::PointwiseBprop<float>> p) {
  dn::pointwise_dgrad<1>(p);
}
extern "C" __global__ void __launch_bounds__(128, 3)
    dn_bnrelu_conv1x1_bprop_wide_weights_fp32(const __grid_constant__ dn::Tiled<dn::PointwiseBprop<float>> p) {
  dn::pointwise_wgrad<1>(p);
}
