// Shared memory of conv3x3_bprop_wide.cuh, and what keeps its registers within a thread's 255.
#ifndef DENSENET4J_CUDA_CONV3X3_BPROP_WIDE_LAYOUT_CUH
#define DENSENET4J_CUDA_CONV3X3_BPROP_WIDE_LAYOUT_CUH

#include "planes.cuh"

namespace dn {

template <int z_tiles, int row_groups>
struct Conv3x3BpropWideLayout {
  static constexpr int kWarps = z_tiles / 2, kThreads = 32 * kWarps, kPixels = 32 * row_groups, kZ = 8 * z_tiles;
  static constexpr int kColumns = kWarps / row_groups, kTiles = z_tiles / kColumns;  // tiles of z of a warp's da
  static_assert(kColumns * row_groups == kWarps && kTiles * kColumns == z_tiles && kTiles % 2 == 0 && z_tiles % 8 == 0,
                "");
  static constexpr int kPlane = plane_bytes(kPixels), kStage = z_tiles * kPlane;
  static constexpr int kOutPitch = kTiles * 16 + 16, kStaging = 32 * kOutPitch;
  static constexpr int kYAffine = 0, kZAffine = kYAffine + 36 * 16, kZeros = round_up(kZAffine + kZ * 16, 128),
                       kInside = kZeros + 128;
  static constexpr int kSums = kInside + 2 * kPixels * 2;
  // A lane's sums of z wait in shared memory between tiles: registers are all taken.
  static constexpr int kWeights = kSums + kWarps * kTiles / 2 * 128,
                       kStages = round_up(kWeights + 9 * z_tiles * 32 * 16, 128);
  static constexpr int kStagings = round_up(kStages + 2 * kStage, 128), kDy = kStagings + kWarps * kStaging;
  static_assert(2 * row_groups * kZ * 4 <= kWarps * kStaging, "sums must fit where tiles were");
  // Planes of dy are 32 bytes beyond a multiple of 128 apart: eight lanes copy four planes of two pixels without
  // conflict.
  int dy_plane, bytes;
  __host__ __device__ explicit Conv3x3BpropWideLayout(int width)
      : dy_plane(plane_bytes(kPixels + 2 * width + 2) + 16), bytes(kDy + 12 * dy_plane) {}
};

// Read again where it is needed: what follows from it would take registers over the whole loop.
__device__ __forceinline__ int thread_now() {
  int tid;
  asm volatile("mov.u32 %0, %%tid.x;" : "=r"(tid));
  return tid;
}

// A bound that ptxas does not know: it would unroll the loop and run out of registers.
__device__ __forceinline__ int opaque(int value) {
  asm volatile("" : "+r"(value));
  return value;
}

}  // namespace dn
#endif
