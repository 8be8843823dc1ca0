package io.github.densenet4j.internal.backend.cuda;

import static io.github.densenet4j.internal.backend.cuda.FusedKernel.plane;
import static io.github.densenet4j.internal.backend.cuda.FusedKernel.roundUp;

import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.backend.cuda.driver.Grid;
import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.tensor.ElementType;
import io.github.densenet4j.internal.tensor.Extent;
import java.util.Optional;

/**
 * The kernel of a whole layer with a bottleneck at inference, native/cuda/bottleneck_infer.cu. It makes z again around
 * its pixels, so two kernels are better where there is more to do than one tile a multiprocessor, unless tiles are
 * whole images. float32 takes two: its three products for one are not to be done twice.
 */
record BottleneckKernel(String name, Grid grid) {
  private static final long PIXELS = 64;
  private static final long MOST_MADE = 3 * PIXELS;
  private static final long STAGES = 3;
  private static final long STAGE_PLANES = 4;

  /**
   * Empty if the layer is two kernels.
   *
   * @param chosenBy the extent with the batch whose kernels are wanted
   */
  static Optional<BottleneckKernel> of(FusedOp.BottleneckInfer op, Extent chosenBy, CudaDevice device) {
    boolean narrow = op.bottleneckChannels() <= PointwiseKernels.NARROW_BOTTLENECK;
    boolean narrowGrowth = op.outChannels() <= SpatialKernels.NARROW_GROWTH;
    if (op.y().type() != ElementType.BFLOAT16 || narrow != narrowGrowth || op.bottleneckChannels() > 128
        || op.outChannels() > 32) {
      return Optional.empty();
    }
    long bytes = narrow ? bytes(op, 48, 16, 6) : bytes(op, 128, 32, 8);
    boolean better = blocks(chosenBy) <= device.multiprocessors() || isFull(op.extent());
    if (!better || made(op.extent()) > MOST_MADE || bytes > device.blockSharedBytes()) {
      return Optional.empty();
    }
    var grid = new Grid(Math.toIntExact(blocks(op.extent())), 1, narrow ? 128 : 256, Math.toIntExact(bytes));
    return Optional.of(new BottleneckKernel("bottleneck_infer_" + (narrow ? 48 : 128), grid));
  }

  private static long image(Extent extent) {
    return extent.height() * extent.width();
  }

  /** Whether a tile is an image, and most of it is not empty. */
  private static boolean isFull(Extent extent) {
    return image(extent) <= PIXELS && 2 * image(extent) > PIXELS;
  }

  private static long blocks(Extent extent) {
    return image(extent) <= PIXELS ? extent.batch() : Math.ceilDiv(extent.pixels(), PIXELS);
  }

  /** Pixels of z of a block. */
  private static long made(Extent extent) {
    long around = image(extent) <= PIXELS ? 0 : 2 * (extent.width() + 1);
    return roundUp(Math.min(image(extent), PIXELS) + around, PIXELS);
  }

  /** BottleneckLayout of native/cuda, with so many channels of z and of y, and planes of z in a step of its weights. */
  private static long bytes(FusedOp.BottleneckInfer op, long z, long out, long step) {
    long planes = z / 8;
    long made = made(op.extent());
    long affine = roundUp(128 + 32 * (planes / 2 - 1), 128) + (z + roundUp(op.inChannels(), 8 * STAGE_PLANES)) * 8;
    long weights = 9 * roundUp(op.bottleneckChannels(), 8 * step) / 8 * out * 16;
    long stage = STAGE_PLANES * (plane(made) + 16 + z * 16);
    return affine + weights + STAGES * stage + planes * plane(made);
  }
}
