package io.github.densenet4j.internal.backend.cuda;

import static io.github.densenet4j.internal.backend.cuda.FusedKernel.plane;
import static io.github.densenet4j.internal.backend.cuda.FusedKernel.roundUp;

import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.tensor.ElementType;
import io.github.densenet4j.internal.tensor.Extent;
import java.util.Arrays;
import java.util.Comparator;

/**
 * Which kernel does a 1x1 convolution or a transition on a device. Sizes of shared memory are those of layouts in
 * native/cuda. float32 is bound by its products, so that one kernel serves what bfloat16 has several for.
 */
final class PointwiseKernels {
  /** Channels after a 1x1 convolution up to which the kernels for a growth rate of 12 are the better ones. */
  static final long NARROW_BOTTLENECK = 48;

  /** Channels of z of the bfloat16 kernels that make both gradients of a 1x1 convolution. */
  private static final long WIDE_BOTTLENECK = 128;

  private static final int STAGES = 3;

  private final CudaDevice device;
  private final FusedValues values;

  PointwiseKernels(CudaDevice device, ElementType type) {
    this.device = device;
    values = new FusedValues(type);
  }

  private long perMultiprocessor(Extent extent) {
    return extent.pixels() / device.multiprocessors();
  }

  /** The first that fits, else the last. */
  private FusedKernel first(FusedKernel... kernels) {
    for (var kernel : kernels) {
      if (kernel.fits(device)) {
        return kernel;
      }
    }
    return kernels[kernels.length - 1];
  }

  FusedKernel fprop(Extent extent, long in, long out) {
    boolean narrow = out <= NARROW_BOTTLENECK;
    String name = "bnrelu_conv1x1_fprop_" + (narrow ? 48 : 128);
    int rows = narrow ? 48 : 128;
    if (values.full()) {
      return streamedPointwise(values.named(name), 64, rows, 4, STAGES, in);
    }
    boolean few = perMultiprocessor(extent) < 256;
    if (narrow) {
      var small = residentPointwise(name + "_small", 64, rows, 4, STAGES, in);
      var streamed = streamedPointwise(name + "_streamed", 256, rows, 8, STAGES, in);
      return few
          ? first(small, streamed)
          : first(residentPointwise(name + "_large", 256, rows, 8, STAGES, in), small, streamed);
    }
    var least = streamedPointwise("bnrelu_conv1x1_fprop_64_small", 64, 64, 4, 6, in);
    var small =
        perMultiprocessor(extent) < 32 ? least : first(streamedPointwise(name + "_small", 96, rows, 6, 6, in), least);
    return few ? small : first(residentPointwise(name + "_large", 128, rows, 4, 5, in), small);
  }

  /** With all weights of a chunk of {@code rows} outputs in shared memory. */
  private FusedKernel residentPointwise(String name, int pixels, int rows, int warps, int stages, long in) {
    long weights = roundUp(in, 4L * values.vector()) / values.vector() * rows * 16;
    return pointwise(name, pixels, rows, warps, in, weights + stages * pointwiseStage(pixels));
  }

  /** With weights that come with the stages. */
  private FusedKernel streamedPointwise(String name, int pixels, int rows, int warps, int stages, long in) {
    return pointwise(name, pixels, rows, warps, in, stages * (pointwiseStage(pixels) + 4L * rows * 16));
  }

  private static long pointwiseStage(int pixels) {
    return 4 * (plane(pixels) + 16);
  }

  private FusedKernel pointwise(String name, int pixels, int rows, int warps, long in, long operands) {
    long bytes = roundUp(in, 4L * values.vector()) * 8 + operands + warps * 16L * (rows * values.size() + 16);
    int blocks = values.full() ? 2 : rows == 48 ? 16 / warps : 1;
    return new FusedKernel(name, pixels, rows, 32 * warps, blocks, bytes);
  }

  /** Whether one kernel makes both gradients of a 1x1 convolution. */
  boolean together(Extent extent, long in, long out) {
    return out <= (values.full() ? NARROW_BOTTLENECK : WIDE_BOTTLENECK) && bprop(extent, in, out).fits(device);
  }

  /** @param out at most as many as may be done together */
  FusedKernel bprop(Extent extent, long in, long out) {
    if (values.full()) {
      return bprop("bnrelu_conv1x1_bprop_48_by_32_fp32", 48, 32, 2);
    }
    return out <= NARROW_BOTTLENECK
        ? quickest(
            extent, in, new Timed(bprop("bnrelu_conv1x1_bprop_48_by_64", 48, 64, 2), 1750),
            new Timed(bprop("bnrelu_conv1x1_bprop_48_by_128", 48, 128, 1), 2300),
            new Timed(bprop("bnrelu_conv1x1_bprop_48_by_192", 48, 192, 1), 3050))
        : quickest(
            extent, in, new Timed(bprop("bnrelu_conv1x1_bprop_128_by_128", 128, 128, 1), 3750),
            new Timed(bprop("bnrelu_conv1x1_bprop_128_by_192", 128, 192, 1), 4900));
  }

  /** A kernel, and cycles of a multiprocessor for a tile: docs/cuda-kernels.md. */
  private record Timed(FusedKernel kernel, long cycles) {
    /** On the multiprocessor with most blocks, each of which takes a tile's time more to begin and to end. */
    long cycles(CudaDevice device, Extent extent, long channels) {
      var grid = kernel.gridOver(device, extent.pixels(), channels);
      long tiles = Math.ceilDiv(Math.ceilDiv(extent.pixels(), kernel.pixels()), grid.columns());
      long blocks = Math.ceilDiv((long) grid.columns() * grid.rows(), device.multiprocessors());
      return blocks * (tiles + 1) * cycles;
    }
  }

  /** Of those that fit, if any does, the one that takes the shortest time over so many channels. */
  private FusedKernel quickest(Extent extent, long channels, Timed... kernels) {
    return Arrays.stream(kernels)
        .min(
            Comparator.<Timed, Boolean>comparing(timed -> !timed.kernel().fits(device))
                .thenComparing(timed -> timed.cycles(device, extent, channels)))
        .orElseThrow()
        .kernel();
  }

  private FusedKernel bprop(String name, int rows, int chunk, int blocks) {
    long z = rows / values.vector();
    long x = chunk / values.vector();
    long stages = roundUp(z * (values.full() ? 80 : 112) + chunk * 16L + x * rows * 16, 128);
    long rowWarps = chunk > 64 ? 2 : 4;
    long products = rows == 48 ? rowWarps * rows * (chunk + 8) * 4 : 0;
    return new FusedKernel(
        name, 64, chunk, 256, blocks, stages + Math.max(2 * (z + 2 * x) * plane(64), products));
  }

  FusedKernel transitionFprop(long in, long out) {
    if (values.full()) {
      return transitionFprop("transition_fprop_fp32", 128, in);
    }
    var large = transitionFprop("transition_fprop_256", 256, in);
    return out % large.channels() == 0 && large.fits(device)
        ? large
        : transitionFprop("transition_fprop_128", 128, in);
  }

  private FusedKernel transitionFprop(String name, int rows, long in) {
    long x = (values.full() ? 1 : 2) * 4 * plane(64);
    long affine = roundUp(roundUp(in, 4L * values.vector()) * 8, 128);
    long bytes = affine + 2 * x + 2 * 4 * rows * 16L + 4 * 16 * (128L * values.size() + 16);
    return new FusedKernel(name, 64, rows, 128, 2, bytes);
  }

  /** Pieces of 16 bytes for so many channels, with one more after each plane. */
  private long spread(long channels) {
    return FusedKernel.spread(channels, values.vector());
  }

  /** @param stem of kernels that make the two gradients apart */
  FusedKernel data(String stem, long out) {
    int chunk = values.full() ? 64 : 128;
    long step = 4L * values.vector();
    long operands = spread(chunk) * 16 + 64 * (chunk + 8L) * 4 + 2 * 4 * plane(64);
    long bytes = operands + 2 * (chunk / values.vector()) * step * 16 + spread(roundUp(out, step)) * 16;
    return new FusedKernel(values.named(stem + "_data"), 64, chunk, 128, values.full() ? 2 : 3, bytes);
  }

  FusedKernel weights(String stem) {
    int planes = 64 / values.vector();
    long bytes = planes * (values.vector() * 8L + 16) + spread(64) * 16 + 2 * planes * plane(64);
    return new FusedKernel(values.named(stem + "_weights"), 64, 64, 128, values.full() ? 3 : 4, bytes);
  }

  /** The weights of a 1x1 convolution as its kernels read them, after {@code offset} bytes of others. */
  PackedWeight weight(long offset, long out, long in, boolean transition) {
    long rows = out <= NARROW_BOTTLENECK && !transition ? 48 : roundUp(out, 128);
    return new PackedWeight(offset, out, in, 1, roundUp(in, 4L * values.vector()) / values.vector(), rows);
  }
}
