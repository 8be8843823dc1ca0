package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.backend.cuda.driver.Grid;
import io.github.densenet4j.internal.tensor.Extent;

/**
 * A kernel of the fused engine with the resources of a block. Its blocks stay, and take one tile of pixels after another.
 *
 * @param name without what all kernels' names begin with
 * @param pixels of a tile, or the first ones of its strips
 * @param rows of a strip, which are pixels of a column: native/cuda/strips.cuh; 1 where tiles have no strips
 * @param channels of a block's chunk
 * @param threads of a block
 * @param blocks that registers allow on a multiprocessor
 * @param sharedBytes of a block
 */
record FusedKernel(String name, int pixels, int rows, int channels, int threads, int blocks, long sharedBytes) {
  /** Of shared memory, for the system. */
  private static final int RESERVED_BYTES = 1024;

  /** What an exact sum holds for certain. */
  private static final int MOST_BLOCKS = 511;

  FusedKernel(String name, int pixels, int channels, int threads, int blocks, long sharedBytes) {
    this(name, pixels, 1, channels, threads, blocks, sharedBytes);
  }

  boolean fits(CudaDevice device) {
    return sharedBytes <= device.blockSharedBytes();
  }

  /** @throws ConfigurationException if a block has not so much shared memory */
  FusedKernel required(CudaDevice device, String shape) {
    if (!fits(device)) {
      throw new ConfigurationException(
          "strategy fused cannot have " + shape + " on " + device.name() + ": a block of " + name + " needs " + sharedBytes
              + " bytes of shared memory and can have " + device.blockSharedBytes()
              + "; use strategy shared or naive, or device cpu",
          "strategy", "device");
    }
    return this;
  }

  /**
   * A grid that the device holds at once, if chunks are not too many.
   *
   * @param allPixels over which tiles are laid
   * @param chunks of channels, side by side
   */
  Grid grid(CudaDevice device, long allPixels, long chunks) {
    long resident = Math.clamp(device.sharedBytes() / (sharedBytes + RESERVED_BYTES), 1, blocks);
    long together = Math.clamp(device.multiprocessors() * resident / chunks, 1, MOST_BLOCKS);
    long tiles = Math.ceilDiv(allPixels, pixels);
    return new Grid(
        Math.toIntExact(Math.min(tiles, together)), Math.toIntExact(chunks), threads, Math.toIntExact(sharedBytes));
  }

  /** Over strips, with chunks of {@code allChannels}. */
  Grid gridOver(CudaDevice device, Extent extent, long allChannels) {
    return gridOver(device, strips(extent), allChannels);
  }

  private long strips(Extent extent) {
    return extent.batch() * Math.ceilDiv(extent.height(), rows) * extent.width();
  }

  /** What the multiprocessor with most blocks reads, times channels: strips with the rows above and below them. */
  long most(CudaDevice device, Extent extent, long allChannels) {
    long blocks = Math.ceilDiv(strips(extent), pixels) * Math.ceilDiv(allChannels, channels);
    return Math.ceilDiv(blocks, device.multiprocessors()) * pixels * (rows + 2) * channels;
  }

  /** The same with its own chunks of {@code allChannels}. */
  Grid gridOver(CudaDevice device, long allPixels, long allChannels) {
    return grid(device, allPixels, Math.ceilDiv(allChannels, channels));
  }

  /** Bytes from one plane of shared memory to the next: native/cuda/planes.cuh. */
  static long plane(long rows) {
    return roundUp(rows * 16, 128) + 16;
  }

  /** Pieces of 16 bytes for so many channels, with one more after each plane of {@code vector} channels. */
  static long spread(long channels, long vector) {
    return channels + channels / vector;
  }

  static long roundUp(long n, long to) {
    return Math.ceilDiv(n, to) * to;
  }
}
