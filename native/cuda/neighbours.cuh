// A 3x3 convolution, padding 1, over pixels in memory order: which neighbours are in the image.
#ifndef DENSENET4J_CUDA_NEIGHBOURS_CUH
#define DENSENET4J_CUDA_NEIGHBOURS_CUH

#include <cstdint>

namespace dn {

// Bit 3 * (dy + 1) + dx + 1: whether that neighbour of the pixel is in its image.
__device__ __forceinline__ uint32_t neighbours_inside(int pixel, int pixels, int height, int width) {
  if (pixel >= pixels) return 0;
  const int line = pixel / width, x = pixel - line * width, y = line % height;
  const uint32_t columns = (x > 0 ? 1u : 0u) | 2u | (x + 1 < width ? 4u : 0u);
  return (y > 0 ? columns : 0u) | columns << 3 | (y + 1 < height ? columns << 6 : 0u);
}

}  // namespace dn
#endif
