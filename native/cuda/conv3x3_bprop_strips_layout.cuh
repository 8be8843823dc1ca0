// Shared memory of conv3x3_bprop_strips.cuh.
#ifndef DENSENET4J_CUDA_CONV3X3_BPROP_STRIPS_LAYOUT_CUH
#define DENSENET4J_CUDA_CONV3X3_BPROP_STRIPS_LAYOUT_CUH

#include "planes.cuh"
#include "strips.cuh"
#include "tiles.cuh"

namespace dn {

// y_steps: of 16 channels of y; z_tiles: of 8 channels of z, of which a warp has kTiles of da and kDwTiles of dw.
template <int rows, int groups, int y_steps, int z_tiles, int tiles, int dw_tiles>
struct Conv3x3BpropStripsLayout {
  static constexpr int kRows = rows, kGroups = groups, kYSteps = y_steps, kZTiles = z_tiles, kTiles = tiles,
                       kDwTiles = dw_tiles;
  static constexpr int kStrips = 16 * kGroups, kPixels = kRows * kStrips, kSplit = kZTiles / kTiles;
  static constexpr int kWarps = kGroups * kSplit, kThreads = 32 * kWarps, kY = 16 * kYSteps, kZ = 8 * kZTiles;
  static constexpr int kYPlanes = kY / 8, kDwParts = kZTiles / kDwTiles, kPixelGroups = kWarps / (kYSteps * kDwParts);
  static_assert(kTiles % 2 == 0 && kDwTiles % 2 == 0 && kZ <= kThreads && kStrips + 2 <= kThreads, "");
  static_assert(kPixelGroups * kYSteps * kDwParts == kWarps && kGroups % kPixelGroups == 0, "");
  // Half of 128 bytes from one plane to the next: eight lanes copy two planes, a sector, of four pixels.
  static constexpr int kPlane = round_up(kPixels * 16, 128) + 64, kStage = kZTiles * kPlane;
  // dy: rows of kStrips + 2. A quarter of 128 bytes: eight lanes copy four planes of two pixels.
  static constexpr int kRow = (kStrips + 2) * 16, kDyRows = (kRows + 2) * (kStrips + 2);
  static constexpr int kDyPlane = round_up(kDyRows * 16, 128) + 32;
  static constexpr int kOutPitch = kTiles * 16 + 16, kStaging = 16 * kRows * kOutPitch;
  static constexpr int kYAffine = 0, kZAffine = kYAffine + (kY + kYPlanes) * 16, kTables = kZAffine + kZ * 16,
                       kTiling = kTables + 3 * (kStrips + 2) * 16,
                       kPart = kTiling + static_cast<int>(sizeof(Tiles)), kTurns = kPart + 4;
  // A neighbour outside reads zeros from the banks of what it replaces, row by row.
  static constexpr int kZeros = round_up(kTurns + kWarps * 4, 128),
                       kSums = round_up(kZeros + (kRows + 1) * kRow + 128, 128);
  // A lane's sums of z wait in shared memory between tiles; tiles are counted there: registers are all taken.
  static constexpr int kWeights = kSums + kWarps * kTiles / 2 * 128,
                       kStages = round_up(kWeights + 9 * kZTiles * kY * 16, 128);
  static constexpr int kStagings = kStages + 2 * kStage, kDy = round_up(kStagings + kWarps * kStaging, 128);
  static_assert(2 * kGroups * kZ * 4 <= 3 * kYPlanes * kDyPlane, "sums must fit where dy was");
  static_assert((kPixelGroups - 1) * kWarps / kPixelGroups * 9 * kDwTiles * 512 <= kDy - kStages,
                "gradients must fit where tiles were");
  static constexpr int kBytes = kDy + 3 * kYPlanes * kDyPlane;
};

}  // namespace dn
#endif
