// Backward of y = conv3x3(relu(bn(z))), data and weights in one pass over z, which is read without a halo:
//
//   dy = (S - offset - yhat * slope) / deviation        the deferred correction of the slice, for a tile and its halo
//   da[p] = sum over taps of dy[p - tap] w[tap],   dz = da where scale * z + shift > 0,   gz (+)= gamma dz
//   dw[tap] = sum over p of dy[p - tap]^T relu(scale * z + shift)[p]
//
// Moves 2 bytes a value of S, y, z and gz, or 4.
// Both products shift dy, the small operand.
#include "conv3x3_bprop_narrow.cuh"
#include "conv3x3_bprop_strips.cuh"

namespace dn {

// Rows, 16 strips, 16 channels of y, 8 of z; of these a warp's of da and of dw.
using Narrow = Conv3x3BpropStripsLayout<8, 2, 1, 6, 2, 2>;
using NarrowLow = Conv3x3BpropStripsLayout<4, 2, 1, 6, 2, 2>;
using Broad = Conv3x3BpropStripsLayout<7, 1, 2, 16, 2, 4>;
using BroadHalf = Conv3x3BpropStripsLayout<4, 1, 2, 8, 2, 4>;

}  // namespace dn

// y of up to 16 channels (k = 12), z in chunks of 48. A tile of 8x32 is 32 strips of 8 rows.
extern "C" __global__ void __launch_bounds__(192, 1)
    dn_bnrelu_conv3x3_bprop_16_8x32(const __grid_constant__ dn::Tiled<dn::Conv3x3Bprop<dn::bf16>> p) {
  dn::conv3x3_bprop_strips<dn::Narrow>(p, p.reversed);
}
extern "C" __global__ void __launch_bounds__(192, 1)
    dn_bnrelu_conv3x3_bprop_16_4x32(const __grid_constant__ dn::Tiled<dn::Conv3x3Bprop<dn::bf16>> p) {
  dn::conv3x3_bprop_strips<dn::NarrowLow>(p, p.reversed);
}

// y of up to 32 channels (k = 32), z in chunks of 128; of 64 for small maps, and where shared memory is scarce.
extern "C" __global__ void __launch_bounds__(256, 1)
    dn_bnrelu_conv3x3_bprop_32_7x16(const __grid_constant__ dn::Tiled<dn::Conv3x3Bprop<dn::bf16>> p) {
  dn::conv3x3_bprop_strips<dn::Broad>(p, p.reversed);
}
extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bnrelu_conv3x3_bprop_32_4x16(const __grid_constant__ dn::Tiled<dn::Conv3x3Bprop<dn::bf16>> p) {
  dn::conv3x3_bprop_strips<dn::BroadHalf>(p, p.reversed);
}

// y of more, 32 channels at a time.
extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bnrelu_conv3x3_bprop_64_4x16(const __grid_constant__ dn::Tiled<dn::Conv3x3BpropSlices<dn::bf16>> p) {
  dn::each_slice(p, [&](const auto& slice) { dn::conv3x3_bprop_strips<dn::BroadHalf>(slice, p.reversed); });
}

// float32: y of up to 16 channels at a time, z in chunks of 32, in tiles of 96 pixels.
extern "C" __global__ void __launch_bounds__(192, 2)
    dn_bnrelu_conv3x3_bprop_16_fp32(const __grid_constant__ dn::Tiled<dn::Conv3x3BpropSlices<float>> p) {
  dn::each_slice(p, [&](const auto& slice) { dn::conv3x3_bprop_narrow<float, 4, 1>(slice, p.reversed); });
}
