// What bnrelu_conv3x3_fprop.cu's kernels in strips have in shared memory, and how stages of x come there.
#ifndef DENSENET4J_CUDA_CONV3X3_FPROP_STRIPS_STAGES_CUH
#define DENSENET4J_CUDA_CONV3X3_FPROP_STRIPS_STAGES_CUH

#include "conv3x3_fprop.cuh"
#include "strips.cuh"

namespace dn {

template <int rows, int groups, int split, int n_tiles, int stage_planes>
struct Conv3x3StripsLayout {
  static constexpr int kRows = rows, kGroups = groups, kSplit = split, kTiles = n_tiles, kStagePlanes = stage_planes;
  static constexpr int kStrips = 16 * kGroups, kThreads = 32 * kGroups * kSplit, kOut = 8 * n_tiles;
  static constexpr int kOwned = n_tiles / kSplit;  // tiles of y that a warp adds up
  static constexpr int kRow = (kStrips + 2) * 16;
  // Half of 128 bytes from one plane to the next: eight lanes copy two planes, a sector, of four strips.
  static constexpr int kPlane = round_up((kRows + 2) * kRow, 128) + 64;
  static constexpr int kStage = stage_planes * kPlane;
  // A neighbour outside reads zeros from the banks of what it replaces, row by row.
  static constexpr int kZeros = round_up((kRows + 1) * kRow + 128, 128);
  static constexpr int kOutPitch = kOwned == 1 ? 16 : kOwned * 16 + 16, kStaging = 16 * kRows * kOutPitch;
  // Half of a warp's sums go to another; then what was received makes room for its tile of y.
  static constexpr int kExchange = kSplit > 1 ? kRows * n_tiles / 2 * 4 * 128 : kStaging;
  static_assert(kStaging <= kExchange && (kSplit == 1 || kSplit == n_tiles), "");
  static constexpr int kExchanges = kZeros, kStages = kExchanges + kThreads / 32 * kExchange,
                       kAffine = round_up(kStages + 2 * kStage, 128);
  int weights, bytes;
  __host__ __device__ explicit Conv3x3StripsLayout(int planes)
      : weights(round_up(kAffine + planes * 64, 128)), bytes(weights + 9 * planes * kOut * 16) {}
};

// What a thread copies, and normalises later: columns of the tile's own strips, then of the strips beside it, which are
// neighbours only in the same band. Row 0 is above the strips. Two lanes have a sector.
template <class Layout>
class Conv3x3Stages {
  static constexpr int kRows = Layout::kRows, kStrips = Layout::kStrips, kRow = Layout::kRow, kPlane = Layout::kPlane;
  static constexpr int kStagePlanes = Layout::kStagePlanes;
  static constexpr int kTogether = Layout::kThreads / kStrips, kPasses = kStagePlanes / kTogether;
  static_assert(Layout::kThreads % kStrips == 0 && kStagePlanes % kTogether == 0 && kTogether % 2 == 0,
                "a thread has one strip");

 public:
  __device__ __forceinline__ Conv3x3Stages(const Tiled<Conv3x3Fprop<bf16>>& p, const Strips<kRows>& map, char* memory)
      : p_(p), map_(map), memory_(memory) {}

  __device__ __forceinline__ void fetch(int tile, int step, int slot) {
    const uint32_t stage = shared_address(memory_) + Layout::kStages + slot * Layout::kStage;
    const int64_t pitch = p_.x_pitch;
    if (step == 0) own_ = map_.at(tile * kStrips + strip_);
#pragma unroll
    for (int i = 0; i < kPasses; i++) {
      const int plane = plane_ + i * kTogether, channel = (step * kStagePlanes + plane) * kVector<bf16>;
      const int bytes = own_.rows > 0 ? valid_bytes<bf16>(channels_, channel) : 0;
      const bf16* from = p_.x + (own_.pixel - map_.width) * pitch + channel;
      uint32_t to = stage + plane * kPlane + (strip_ + 1) * 16;
      int row = own_.row - 1;
#pragma unroll
      for (int j = 0; j < kRows + 2; j++) {
        copy_async(to, from, in_image(row) ? bytes : 0);
        row++;
        from += map_.width * pitch;
        to += kRow;
      }
    }
    each_beside(tile, [&](int plane, int place, int pixel, bool inside) {
      const int channel = (step * kStagePlanes + plane) * kVector<bf16>;
      copy_async(stage + plane * kPlane + place, p_.x + pixel * pitch + channel,
                 inside ? valid_bytes<bf16>(channels_, channel) : 0);
    });
  }

  // Of what this thread has copied.
  __device__ __forceinline__ void normalize(int tile, int step, int slot) const {
    char* const stage = memory_ + Layout::kStages + slot * Layout::kStage;
    const auto* const affine = reinterpret_cast<const float4*>(memory_ + Layout::kAffine) + step * kStagePlanes * 4;
#pragma unroll
    for (int i = 0; i < kPasses; i++) {
      const int plane = plane_ + i * kTogether;
      const float4 of[4] = {affine[plane * 4], affine[plane * 4 + 1], affine[plane * 4 + 2], affine[plane * 4 + 3]};
      char* at = stage + plane * kPlane + (strip_ + 1) * 16;
      int row = own_.row - 1;
#pragma unroll
      for (int j = 0; j < kRows + 2; j++) {
        auto* const vector = reinterpret_cast<uint4*>(at);
        if (in_image(row)) *vector = dn::normalize<bf16>(*vector, of);
        row++;
        at += kRow;
      }
    }
    each_beside(tile, [&](int plane, int place, int, bool inside) {
      if (!inside) return;
      const float4 of[4] = {affine[plane * 4], affine[plane * 4 + 1], affine[plane * 4 + 2], affine[plane * 4 + 3]};
      auto* const vector = reinterpret_cast<uint4*>(stage + plane * kPlane + place);
      *vector = dn::normalize<bf16>(*vector, of);
    });
  }

 private:
  __device__ __forceinline__ bool in_image(int row) const {
    return static_cast<uint32_t>(row) < static_cast<uint32_t>(map_.height);
  }

  template <class F>
  __device__ __forceinline__ void each_beside(int tile, const F& f) const {
    for (int i = threadIdx.x; i < 2 * (kRows + 2) * kStagePlanes; i += Layout::kThreads) {
      const int right = i / 2 % 2, j = i / 4 % (kRows + 2), plane = i / (4 * (kRows + 2)) * 2 + i % 2;
      const int strip = tile * kStrips + (right ? kStrips : -1);
      if (strip < 0 || strip >= map_.count) continue;
      const Strip beside = map_.at(strip);
      if (beside.column == (right ? 0 : map_.width - 1)) continue;
      f(plane, j * kRow + right * (kStrips + 1) * 16, beside.pixel + (j - 1) * map_.width,
        in_image(beside.row + j - 1));
    }
  }

  const Tiled<Conv3x3Fprop<bf16>>& p_;
  const Strips<kRows>& map_;
  char* const memory_;
  const int channels_ = p_.norm.channels;
  const int strip_ = threadIdx.x / 2 % kStrips, plane_ = threadIdx.x / (2 * kStrips) * 2 + threadIdx.x % 2;
  Strip own_;
};

}  // namespace dn
#endif
