// Products of matrices from registers and nothing else: what tensor cores do at most. A thread leaves a sum, so that no
// product can be left out. Moves 4 bytes a thread.
#include "grid.cuh"
#include "ptx.cuh"

namespace dn {

// A product takes longer than the next one can begin.
constexpr int kIndependentSums = 4;

template <class Multiply>
__device__ __forceinline__ void mma_peak(float* out, int64_t products, const Multiply& multiply) {
  float sums[kIndependentSums][4] = {};
  const uint32_t a[4] = {threadIdx.x, threadIdx.x, threadIdx.x, threadIdx.x};  // tiny numbers of either type
  for (int64_t i = 0; i < products; i += kIndependentSums) {
#pragma unroll
    for (int s = 0; s < kIndependentSums; s++) multiply(sums[s], a, a[0], a[1]);
  }
  float sum = 0;
#pragma unroll
  for (int s = 0; s < kIndependentSums; s++) sum += sums[s][0] + sums[s][1] + sums[s][2] + sums[s][3];
  out[thread_index()] = sum;
}

}  // namespace dn

extern "C" __global__ void __launch_bounds__(dn::kBlock, dn::kBlocks) dn_mma_peak(float* out, int64_t products) {
  dn::mma_peak(out, products, [](float(&sum)[4], const uint32_t(&a)[4], uint32_t b0, uint32_t b1) {
    dn::multiply_bf16(sum, a, b0, b1);
  });
}

extern "C" __global__ void __launch_bounds__(dn::kBlock, dn::kBlocks) dn_mma_peak_fp32(float* out, int64_t products) {
  dn::mma_peak(out, products, [](float(&sum)[4], const uint32_t(&a)[4], uint32_t b0, uint32_t b1) {
    dn::multiply_tf32(sum, a, b0, b1);
  });
}
