// Images as bytes to the network's input: normalised, flipped, shifted. Pixel (r, c) of an image is pixel
// (r + dy, c + dx) of the, possibly flipped, normalised image, or 0 where there is none: padding is the mean colour.
// placement (N, 3): dy, dx, and 1 if flipped. table (C, 256): the normalised value of each level, made by the host from
// doubles, so that both have the same bits. Moves 5 bytes a value; the table stays in the first-level cache.
#include "grid.cuh"

extern "C" __global__ void __launch_bounds__(dn::kBlock, dn::kBlocks)
    dn_input_normalize(float* y, const uint8_t* __restrict__ x, const int32_t* __restrict__ placement,
                       const float* __restrict__ table, int64_t batch, int64_t size, int64_t channels) {
  dn::Walk pixel(channels, 1), row(size * channels, 1), image(size * size * channels, 1);
  int64_t at = dn::thread_index();
  for (; image.row() < batch; pixel.next(), row.next(), image.next(), at += dn::thread_count()) {
    const int32_t* place = placement + image.row() * 3;
    const int64_t r = row.row() - image.row() * size + place[0];
    const int64_t shifted = pixel.row() - row.row() * size + place[1];
    const int64_t c = place[2] != 0 ? size - 1 - shifted : shifted;
    const bool inside = r >= 0 && r < size && c >= 0 && c < size;
    const int64_t source = ((image.row() * size + r) * size + c) * channels + pixel.column();
    y[at] = inside ? table[pixel.column() * 256 + x[source]] : 0.0f;
  }
}
