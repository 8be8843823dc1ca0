// Launches of kernels whose blocks take tiles, from the first one on or from the last one back.
#ifndef DENSENET4J_SOFTWARE_CUDA_KERNELS_TEST_TILES_H
#define DENSENET4J_SOFTWARE_CUDA_KERNELS_TEST_TILES_H

#include "kernels_test_fused.h"

namespace kernels_test {

inline int64_t tiles_of(int64_t units, int64_t tile) { return (units + tile - 1) / tile; }

// Of `strips` columns of `rows` pixels.
inline int64_t tiles_of(const Map& map, int64_t rows, int64_t strips) {
  return tiles_of(map.images * tiles_of(map.height, rows) * map.width, strips);
}

// Every launch of a kernel in the other order. One with a tile a block, and one with more, is made in both, which must
// leave the same bits, sums and partial gradients only if blocks have one tile.
void launch(const Device& device, const std::string& kernel, const Blocks& blocks, const Words& words,
            int64_t tiles);

// That all kernels launched so far were launched in both orders, with a tile a block and with more, of which some sum
// was another one: else the order is not heeded.
void require_both_orders();

}  // namespace kernels_test
#endif
