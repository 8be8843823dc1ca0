// Sums over all blocks of a grid that have the same bits in whatever order the blocks end.
//
// A sum in fixed point: coarse * 2^-20 + fine * 2^-60. Integers can be added in any order: no second stage, no last
// block to wait for, and a consumer reads 24 bytes a sum instead of one value a block. Up to 2^34 a block, of up to 511
// blocks, in steps of 2^-60. What does not fit, infinities and NaN, is counted and makes the sum NaN.
#ifndef DENSENET4J_CUDA_EXACT_SUM_CUH
#define DENSENET4J_CUDA_EXACT_SUM_CUH

#include <cstdint>

namespace dn {

struct ExactSum {
  unsigned long long coarse, fine, misfits;
};

constexpr double kCoarse = 1048576.0, kFine = 1152921504606846976.0, kMost = 17179869184.0;  // 2^20, 2^60, 2^34

__device__ __forceinline__ unsigned long long as_bits(double whole) {
  return static_cast<unsigned long long>(static_cast<long long>(whole));
}

__device__ __forceinline__ void add_exact(ExactSum* sum, double v) {
  if (!(fabs(v) < kMost)) {
    atomicAdd(&sum->misfits, 1ull);
    return;
  }
  const double coarse = rint(v * kCoarse);
  atomicAdd(&sum->coarse, as_bits(coarse));
  atomicAdd(&sum->fine, as_bits(rint((v - coarse / kCoarse) * kFine)));
}

__device__ __forceinline__ double read_exact(const ExactSum& sum) {
  const auto coarse = static_cast<long long>(sum.coarse), fine = static_cast<long long>(sum.fine);
  return sum.misfits ? __longlong_as_double(0x7ff8000000000000ll)
                     : static_cast<double>(coarse) / kCoarse + static_cast<double>(fine) / kFine;
}

}  // namespace dn
#endif
