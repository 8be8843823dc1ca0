// In which order the blocks of a launch take its tiles. What a kernel has written last is what the next one should read
// first, while the L2 still has it: every other launch goes through its tiles from the last one back.
#ifndef DENSENET4J_CUDA_TILES_CUH
#define DENSENET4J_CUDA_TILES_CUH

#include <cstdint>

namespace dn {

// The parameters of a kernel whose blocks take tiles.
template <class Parameters>
struct Tiled : Parameters {
  int64_t reversed;
};

// The tile that comes as number i of `all`.
__device__ __forceinline__ int tile_at(int i, int all, int64_t reversed) { return reversed ? all - 1 - i : i; }

// Where a block leaves its part of a sum over tiles: of as many blocks as tiles it is the tile's place, so that the sum of
// the parts has the same bits in both orders.
__device__ __forceinline__ int64_t part_of_block(int64_t reversed) { return tile_at(blockIdx.x, gridDim.x, reversed); }

// Of a block: every gridDim.x-th one.
struct Tiles {
  int all, first, step, mine;

  __device__ __forceinline__ Tiles(int all, int64_t reversed) : all(all) {
    const int block = blockIdx.x, blocks = gridDim.x;
    first = tile_at(block, all, reversed);
    step = reversed ? -blocks : blocks;
    mine = (all - block + blocks - 1) / blocks;
  }

  __device__ __forceinline__ int at(int i) const { return first + i * step; }

  // Whether this is a tile, and not one step beyond them.
  __device__ __forceinline__ bool has(int tile) const {
    return static_cast<uint32_t>(tile) < static_cast<uint32_t>(all);
  }

  // tile + step, of which ptxas knows too little to keep the step in a register over a loop.
  static __device__ __forceinline__ int after(int tile, int64_t reversed) {
    int blocks;
    asm volatile("mov.u32 %0, %%nctaid.x;" : "=r"(blocks));
    return reversed ? tile - blocks : tile + blocks;
  }
};

}  // namespace dn
#endif
