// Backward of y = conv3x3(relu(bn(z))), data and weights in one pass over z, which is read without a halo:
//
//   dy = (S - offset - yhat * slope) / deviation        the deferred correction of the slice, for a tile and its halo
//   da[p] = sum over taps of dy[p - tap] w[tap],   dz = da where scale * z + shift > 0,   gz (+)= gamma dz
//   dw[tap] = sum over p of dy[p - tap]^T relu(scale * z + shift)[p]
//
// Moves 2 bytes a value of S, y, z and gz, or 4.
// Both products shift dy, the small operand.
#include "conv3x3_bprop_narrow.cuh"
#include "conv3x3_bprop_wide.cuh"

// y of up to 16 channels (k = 12), z in chunks of 48, in tiles of 192 pixels; of 96 where there are fewer than 96
// pixels an SM.
extern "C" __global__ void __launch_bounds__(384, 1)
    dn_bnrelu_conv3x3_bprop_16_large(const __grid_constant__ dn::Conv3x3Bprop<dn::bf16> p) {
  dn::conv3x3_bprop_narrow<dn::bf16, 6, 2>(p);
}
extern "C" __global__ void __launch_bounds__(192, 2)
    dn_bnrelu_conv3x3_bprop_16_small(const __grid_constant__ dn::Conv3x3Bprop<dn::bf16> p) {
  dn::conv3x3_bprop_narrow<dn::bf16, 6, 1>(p);
}

// y of up to 32 channels (k = 32), z in chunks of 128, in tiles of 128 pixels; for small maps, and where shared memory
// is scarce, in chunks of 64, also in tiles of 64.
extern "C" __global__ void __launch_bounds__(256, 1)
    dn_bnrelu_conv3x3_bprop_32_large(const __grid_constant__ dn::Conv3x3Bprop<dn::bf16> p) {
  dn::conv3x3_bprop_wide<16, 4>(p);
}
extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bnrelu_conv3x3_bprop_32_half(const __grid_constant__ dn::Conv3x3Bprop<dn::bf16> p) {
  dn::conv3x3_bprop_wide<8, 4>(p);
}
extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bnrelu_conv3x3_bprop_32_small(const __grid_constant__ dn::Conv3x3Bprop<dn::bf16> p) {
  dn::conv3x3_bprop_wide<8, 2>(p);
}

// y of more, 32 channels at a time.
extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bnrelu_conv3x3_bprop_64_half(const __grid_constant__ dn::Conv3x3BpropSlices<dn::bf16> p) {
  dn::each_slice<2>(p, [](const auto& slice) { dn::conv3x3_bprop_wide<8, 4>(slice); });
}
extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bnrelu_conv3x3_bprop_64_small(const __grid_constant__ dn::Conv3x3BpropSlices<dn::bf16> p) {
  dn::each_slice<2>(p, [](const auto& slice) { dn::conv3x3_bprop_wide<8, 2>(slice); });
}

// float32: y of up to 16 channels at a time, z in chunks of 32, in tiles of 96 pixels.
extern "C" __global__ void __launch_bounds__(192, 2)
    dn_bnrelu_conv3x3_bprop_16_fp32(const __grid_constant__ dn::Conv3x3BpropSlices<float> p) {
  dn::each_slice<1>(p, [](const auto& slice) { dn::conv3x3_bprop_narrow<float, 4, 1>(slice); });
}
