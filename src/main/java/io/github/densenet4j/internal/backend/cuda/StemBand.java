package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.tensor.Extent;

/**
 * What the bfloat16 kernels of the stem's convolution keep of the image in shared memory: native/cuda/stem_conv.cuh.
 *
 * @param pieces of a row of a window, four words of two values each
 * @param words of a row of a window
 * @param bytes of a tile's band of words of two bfloat16
 * @param fragmentBytes of a tile's band in the order of fragments, and of what is left of its values
 */
record StemBand(long pieces, long words, long bytes, long fragmentBytes) {
  /** Pixels of y along the side of a tile. */
  static final long SIDE = 16;

  /** Channels of the image in a band. */
  static final long CHANNELS = 4;

  static StemBand of(long channels, long kernel, long stride) {
    long taken = Math.min(channels, CHANNELS);
    long padded = taken + taken * stride % 2;
    long words = Math.ceilDiv(kernel * padded, 2);
    long pieces = Math.ceilDiv(words, 4);
    long step = stride * padded / 2;
    long used = (SIDE - 1) * step + 4 * pieces;
    long pitch = words + FusedKernel.roundUp(used - words, 32);
    long rows = (SIDE - 1) * stride + kernel;
    return new StemBand(pieces, words, rows * pitch * Integer.BYTES, rows * (used - 8 * step) * 2 * Long.BYTES);
  }

  /** Pixels of whole tiles that cover {@code map}. */
  static long covered(Extent map) {
    return map.batch() * FusedKernel.roundUp(map.height(), SIDE) * FusedKernel.roundUp(map.width(), SIDE);
  }
}
