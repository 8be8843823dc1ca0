// y = conv3x3(relu(bn(x))), padding 1, with batch statistics of y. y is a channel slice of a feature buffer; x is
// packed, or a prefix of that buffer. Moves 2 bytes a value of x and of y, or 4.
//
// Implicit GEMM. A padded pixel is 0 after BN+ReLU. x is normalised once, in place, by the threads that copied it; nine
// taps read it.
#include "conv3x3_fprop_streamed.cuh"
#include "conv3x3_fprop_strips.cuh"

// y in chunks of 16 channels and x in stages of 48 (k = 12), or of 32 and in stages of 64 (k = 32). A tile of 7x32 is
// 32 strips of 7 rows.
extern "C" __global__ void __launch_bounds__(128, 1)
    dn_bnrelu_conv3x3_fprop_16_8x64(const __grid_constant__ dn::Tiled<dn::Conv3x3Fprop<dn::bf16>> p) {
  dn::conv3x3_fprop_strips<dn::Conv3x3StripsLayout<8, 4, 1, 2, 6>>(p);
}
extern "C" __global__ void __launch_bounds__(64, 2)
    dn_bnrelu_conv3x3_fprop_16_4x32(const __grid_constant__ dn::Tiled<dn::Conv3x3Fprop<dn::bf16>> p) {
  dn::conv3x3_fprop_strips<dn::Conv3x3StripsLayout<4, 2, 1, 2, 6>>(p);
}
extern "C" __global__ void __launch_bounds__(256, 1)
    dn_bnrelu_conv3x3_fprop_32_7x32(const __grid_constant__ dn::Tiled<dn::Conv3x3Fprop<dn::bf16>> p) {
  dn::conv3x3_fprop_strips<dn::Conv3x3StripsLayout<7, 2, 4, 4, 8>>(p);
}
extern "C" __global__ void __launch_bounds__(128, 1)
    dn_bnrelu_conv3x3_fprop_32_7x16(const __grid_constant__ dn::Tiled<dn::Conv3x3Fprop<dn::bf16>> p) {
  dn::conv3x3_fprop_strips<dn::Conv3x3StripsLayout<7, 1, 4, 4, 8>>(p);
}
extern "C" __global__ void __launch_bounds__(256, 1)
    dn_bnrelu_conv3x3_fprop_32_4x32(const __grid_constant__ dn::Tiled<dn::Conv3x3Fprop<dn::bf16>> p) {
  dn::conv3x3_fprop_strips<dn::Conv3x3StripsLayout<4, 2, 4, 4, 8>>(p);
}

// In tiles of 64 pixels: more channels of x than have their weights in shared memory.
extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bnrelu_conv3x3_fprop_16_streamed(const __grid_constant__ dn::Tiled<dn::Conv3x3Fprop<dn::bf16>> p) {
  dn::conv3x3_fprop_streamed<dn::bf16, 4, 2, 6>(p);
}
extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bnrelu_conv3x3_fprop_32_streamed(const __grid_constant__ dn::Tiled<dn::Conv3x3Fprop<dn::bf16>> p) {
  dn::conv3x3_fprop_streamed<dn::bf16, 4, 4, 8>(p);
}

// x in stages of 32 channels, for GPUs whose blocks have 99 KB of shared memory.
extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bnrelu_conv3x3_fprop_32_small(const __grid_constant__ dn::Tiled<dn::Conv3x3Fprop<dn::bf16>> p) {
  dn::conv3x3_fprop_streamed<dn::bf16, 4, 4, 4, 8>(p);
}

// float32.
extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bnrelu_conv3x3_fprop_16_fp32(const __grid_constant__ dn::Tiled<dn::Conv3x3Fprop<float>> p) {
  dn::conv3x3_fprop_streamed<float, 4, 2, 4>(p);
}
extern "C" __global__ void __launch_bounds__(128, 2)
    dn_bnrelu_conv3x3_fprop_32_fp32(const __grid_constant__ dn::Tiled<dn::Conv3x3Fprop<float>> p) {
  dn::conv3x3_fprop_streamed<float, 4, 4, 4>(p);
}
