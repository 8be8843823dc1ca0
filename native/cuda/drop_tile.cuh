// Dropout between a product and its statistics.
#ifndef DENSENET4J_CUDA_DROP_TILE_CUH
#define DENSENET4J_CUDA_DROP_TILE_CUH

#include "dropout.cuh"
#include "planes.cuh"

namespace dn {

struct Dropout {
  const dn_control* control;
  int64_t layer;
  double rate;  // 0: none
};

// The factor of an element, pixel * channels + channel.
__device__ inline float factor(const Mask& mask, uint64_t element) {
  const float4 four = mask.factors(element / 4);
  const float values[4] = {four.x, four.y, four.z, four.w};
  float found = values[0];
#pragma unroll
  for (int i = 1; i < 4; i++) found = element % 4 == i ? values[i] : found;
  return found;
}

// The pixel of a row of a tile whose pixels follow each other.
struct PixelsFrom {
  int64_t first;
  __device__ __forceinline__ int64_t operator()(int row) const { return first + row; }
};

// A warp's tile of values as they are stored, from `channel` on, `used` channels wide.
template <class T, class Pixels>
__device__ inline void drop_tile(const Dropout& dropout, char* tile, int pitch, int rows, int used,
                                 const Pixels& pixel_of, int channel, int64_t channels, int lane) {
  if (dropout.rate <= 0) return;
  const Mask mask = made_mask(dropout.control, dropout.layer, dropout.rate);
#pragma unroll 1
  for (int i = lane; i < rows * used; i += 32) {
    const int row = i / used, c = i - row * used;
    T* at = reinterpret_cast<T*>(tile + row * pitch) + c;
    *at = narrowed<T>(widened(*at) * factor(mask, pixel_of(row) * channels + channel + c));
  }
  __syncwarp();
}

}  // namespace dn
#endif
