// Operands of the gradient of a 3x3 convolution's weights in float32, which sums over pixels: columns of what lies in
// memory by pixels.
#ifndef DENSENET4J_CUDA_CONV3X3_COLUMNS_CUH
#define DENSENET4J_CUDA_CONV3X3_COLUMNS_CUH

#include "factors.cuh"

namespace dn {

// a: 16 channels of dy at a neighbour of each of the pixels that a product sums over, those from `pixel` on; 0 where
// the neighbour is outside its image.
struct NeighbourColumns {
  uint32_t at, inside, inside_below;

  __device__ __forceinline__ NeighbourColumns(uint32_t dy, int plane, const uint16_t* masks, int pixel, int lane)
      : at(dy + lane_by_values(plane, lane) + pixel * 16),
        inside(masks[pixel + lane % 4]),
        inside_below(masks[pixel + lane % 4 + 4]) {}

  // `rows`: how far away the neighbour is; `bit`: of the mask.
  __device__ __forceinline__ void load(uint32_t (&a)[4], int rows, int bit, int plane) const {
    const uint32_t value = at + rows * 16;
    const bool first = inside >> bit & 1, second = inside_below >> bit & 1;
    a[0] = first ? load_shared(value) : 0;
    a[1] = first ? load_shared(value + 2 * plane) : 0;
    a[2] = second ? load_shared(value + kFourRows) : 0;
    a[3] = second ? load_shared(value + 2 * plane + kFourRows) : 0;
  }
};

// b: channels of z, kTiles tiles, of the pixels that a product sums over, those from `pixel` on.
template <int kTiles>
struct PixelColumns {
  static constexpr int kPixels = kDepth<float>;
  static_assert(kTiles % 2 == 0, "");
  Factors<float> b[kTiles / 2];

  __device__ __forceinline__ PixelColumns(const Products<float>& products, uint32_t z, int plane, int pixel, int lane) {
#pragma unroll
    for (int n = 0; n < kTiles; n += 2) {
      uint32_t r[4];
      load_b_transposed<float>(r, z + 2 * n * plane + pixel * 16, plane, lane);
      b[n / 2] = products.factors(r);
    }
  }

  __device__ __forceinline__ void multiply(const Products<float>& products, float (&acc)[4], const Factors<float>& a,
                                           int n) const {
    products.add(acc, a, b[n / 2], n % 2 * 2);
  }
};

}  // namespace dn
#endif
