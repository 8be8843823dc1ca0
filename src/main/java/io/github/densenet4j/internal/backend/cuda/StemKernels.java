package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.tensor.ElementType;
import io.github.densenet4j.internal.tensor.Extent;

/** The kernels before the first block. Sizes of shared memory are those of layouts in native/cuda. */
final class StemKernels {
  private final FusedValues values;

  StemKernels(ElementType type) {
    values = new FusedValues(type);
  }

  FusedKernel fprop(FusedOp.StemConvFprop op) {
    if (values.full()) {
      long patch = 64 * ((64 + 4) * Float.BYTES + 3 * Integer.BYTES);
      long weights = FusedKernel.roundUp(op.inChannels() * op.kernel() * op.kernel(), 8) * (32 + 8) * Float.BYTES;
      long bytes = 64 * (32L * values.size() + 16) + 2 * 8 * 32 * total() + weights + patch;
      return new FusedKernel("stem_conv_fprop_fp32", 64, 32, 256, 4, bytes);
    }
    var band = StemBand.of(op.inChannels(), op.kernel(), op.stride());
    long tiles = op.outChannels() > 32 ? 8 : 4;
    long weights = Math.ceilDiv(op.kernel() * band.pieces(), 2) * tiles * 512;
    long bytes = weights + Math.max(band.fragmentBytes(), 256 * (64L * values.size() + 16));
    return new FusedKernel("stem_conv_fprop", 256, 64, 256, 2, bytes);
  }

  /** Bytes of a block's sum before it is exact. */
  private long total() {
    return values.full() ? Double.BYTES : Float.BYTES;
  }

  FusedKernel wgrad(FusedOp.StemConvWgrad op) {
    if (values.full()) {
      return new FusedKernel("stem_conv_wgrad_fp32", 32, 32, 256, 3, 0);
    }
    long tile = 3 * 64 * Float.BYTES + 256 * (64L * values.size() + 16);
    long joined = 10 * 32 * 32 * Float.BYTES;
    long bytes = Math.max(tile + StemBand.of(op.inChannels(), op.kernel(), op.stride()).bytes(), joined);
    return new FusedKernel("stem_conv_wgrad", 256, 64, 320, 2, bytes);
  }

  /** Of {@link #wgrad}, of terms: blocks side by side that have other ones. */
  long termChunks(FusedOp.StemConvWgrad op) {
    if (values.full()) {
      return Math.ceilDiv(op.inChannels() * op.kernel() * op.kernel(), 128);
    }
    var band = StemBand.of(op.inChannels(), op.kernel(), op.stride());
    return Math.ceilDiv(op.inChannels(), StemBand.CHANNELS) * Math.ceilDiv(op.kernel() * band.words(), 8 * 10);
  }

  /** What the tiles of the stem's convolution are laid over. */
  long pixels(Extent convolved) {
    return values.full() ? convolved.pixels() : StemBand.covered(convolved);
  }

  /** @param channels at most 1024, of float32 512 */
  FusedKernel maxpoolFprop(long channels) {
    int planes = Math.toIntExact(Math.ceilDiv(channels, values.vector()));
    long bytes = planes * values.vector() * 8L + 2L * 256 * values.vector() * total();
    return new FusedKernel(values.named("bnrelu_maxpool_fprop"), 256 / planes, values.vector() * planes, 256, 2, bytes);
  }

  /**
   * A tile is 14 rows of windows beside each other.
   *
   * @param channels at most 1024, of float32 512
   */
  FusedKernel maxpoolDgrad(long channels) {
    int planes = Math.toIntExact(Math.ceilDiv(channels, values.vector()));
    long kept = 3L * 256 * (Integer.BYTES + values.vector() * Float.BYTES);
    long bytes = 2 * FusedKernel.spread((long) planes * values.vector(), values.vector()) * 16 + kept;
    return new FusedKernel(values.named("bnrelu_maxpool_dgrad"), 1, values.vector() * planes, 256, 2, bytes);
  }

  /** Of {@link #maxpoolDgrad}; a block has a column of windows more than it has of their cells. */
  long maxpoolTiles(Extent pooled, long channels) {
    long columns = 256 / Math.ceilDiv(channels, values.vector()) - 1;
    return pooled.batch() * Math.ceilDiv(pooled.height(), 14) * Math.ceilDiv(pooled.width(), columns);
  }
}
