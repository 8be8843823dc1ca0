package io.github.densenet4j.internal.backend.cuda;

import static io.github.densenet4j.internal.backend.cuda.FusedKernel.plane;
import static io.github.densenet4j.internal.backend.cuda.FusedKernel.roundUp;

import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.tensor.ElementType;
import io.github.densenet4j.internal.tensor.Extent;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which kernel of a stem does a convolution on a device. Sizes of shared memory are those of layouts in native/cuda.
 * float32 is bound by its products, so that one kernel serves what bfloat16 has several for.
 */
final class FusedKernels {
  /** Channels after a 1x1 convolution up to which the kernels for a growth rate of 12 are the better ones. */
  static final long NARROW_BOTTLENECK = 48;

  /** Channels after a 3x3 convolution, likewise. */
  static final long NARROW_GROWTH = 16;

  /** Channels of z of the bfloat16 kernels that make both gradients of a 1x1 convolution. */
  private static final long WIDE_BOTTLENECK = 128;

  private static final int STAGES = 3;

  private final CudaDevice device;
  private final ElementType type;
  private final boolean full;

  /** Bytes of a value. */
  private final int size;

  /** Values of 16 bytes. */
  private final int vector;

  FusedKernels(CudaDevice device, ElementType type) {
    this.device = device;
    this.type = type;
    full = type == ElementType.FLOAT32;
    size = type.bytes();
    vector = PackedWeight.VECTOR_BYTES / size;
  }

  CudaDevice device() {
    return device;
  }

  /** Those before the first block. */
  StemKernels stem() {
    return new StemKernels(type);
  }

  ElementType type() {
    return type;
  }

  /** The kernel of a stem for these values. */
  String named(String stem) {
    return full ? stem + "_fp32" : stem;
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

  FusedKernel conv1x1Fprop(Extent extent, long in, long out) {
    boolean narrow = out <= NARROW_BOTTLENECK;
    String name = "bnrelu_conv1x1_fprop_" + (narrow ? 48 : 128);
    int rows = narrow ? 48 : 128;
    if (full) {
      return streamedPointwise(named(name), 64, rows, 4, STAGES, in);
    }
    boolean few = perMultiprocessor(extent) < 256;
    if (narrow) {
      var small = residentPointwise(name + "_small", 64, rows, 4, STAGES, in);
      var streamed = streamedPointwise(name + "_streamed", 256, rows, 8, STAGES, in);
      return few
          ? first(small, streamed)
          : first(residentPointwise(name + "_large", 256, rows, 8, STAGES, in), small, streamed);
    }
    var small =
        perMultiprocessor(extent) < 32
            ? streamedPointwise("bnrelu_conv1x1_fprop_64_small", 64, 64, 4, 6, in)
            : streamedPointwise(name + "_small", 96, rows, 6, 6, in);
    return few ? small : first(residentPointwise(name + "_large", 128, rows, 4, 5, in), small);
  }

  /** With all weights of a chunk of {@code rows} outputs in shared memory. */
  private FusedKernel residentPointwise(String name, int pixels, int rows, int warps, int stages, long in) {
    long weights = roundUp(in, 4L * vector) / vector * rows * 16;
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
    long bytes = roundUp(in, 4L * vector) * 8 + operands + warps * 16L * (rows * size + 16);
    int blocks = full ? 2 : rows == 48 ? 16 / warps : 1;
    return new FusedKernel(name, pixels, rows, 32 * warps, blocks, bytes);
  }

  FusedKernel conv3x3Fprop(Extent extent, long in, long out) {
    boolean narrow = out <= NARROW_GROWTH;
    String name = "bnrelu_conv3x3_fprop_" + (narrow ? 16 : 32);
    int rows = narrow ? 16 : 32;
    if (full) {
      return streamed(named(name), rows, in, extent.width());
    }
    var strips =
        narrow
            ? List.of(strips(name, 8, 64, 1, rows, in), strips(name, 4, 32, 1, rows, in))
            : List.of(
                strips(name, 7, 32, 4, rows, in), strips(name, 4, 32, 4, rows, in), strips(name, 7, 16, 4, rows, in));
    return best(strips, extent, out).orElseGet(() -> streamed(name + "_streamed", rows, in, extent.width()));
  }

  /** Of those that fit the one whose multiprocessors have least to do at most, the first of equals. */
  private Optional<FusedKernel> best(List<FusedKernel> kernels, Extent extent, long channels) {
    return kernels.stream()
        .filter(kernel -> kernel.fits(device))
        .min(Comparator.comparing(kernel -> kernel.most(device, extent, channels)));
  }

  /** In tiles of some strips of so many rows: native/cuda/conv3x3_fprop_strips.cuh. */
  private FusedKernel strips(String name, int rows, int strips, int split, int out, long in) {
    int warps = strips / 16 * split;
    int tiles = out / 8 / split;
    long stagePlanes = spatialStage(out);
    long planes = roundUp(in, vector * stagePlanes) / vector;
    long row = (strips + 2) * 16L;
    long zeros = roundUp((rows + 1) * row + 128, 128);
    long exchange = split > 1 ? rows * out / 16L * 512 : 16L * rows * (tiles == 1 ? 16 : tiles * 16 + 16);
    long stage = stagePlanes * (roundUp((rows + 2) * row, 128) + 64);
    long affine = roundUp(zeros + warps * exchange + 2 * stage, 128);
    long bytes = roundUp(affine + planes * 64, 128) + 9 * planes * out * 16;
    return new FusedKernel(name + "_" + rows + "x" + strips, strips, rows, out, 32 * warps, 1, bytes);
  }

  private FusedKernel streamed(String name, int rows, long in, long width) {
    long stagePlanes = spatialStage(rows);
    long planes = roundUp(in, vector * stagePlanes) / vector;
    long zeros = 128 + 32 * (stagePlanes / 2 - 1);
    long stages = roundUp(roundUp(planes * vector * 8, 128) + zeros, 128);
    long stage = stagePlanes * plane(64 + 2 * width + 2) + 9 * stagePlanes * rows * 16;
    return new FusedKernel(name, 64, rows, 128, 2, stages + 2 * stage + 64 * (rows * (long) size + 16));
  }

  /** Planes of a stage of the 3x3 convolution's kernel for so many outputs. */
  private long spatialStage(long rows) {
    return full ? 4 : rows == 16 ? 6 : 8;
  }

  /** The weights of a 1x1 convolution as its kernels read them, after {@code offset} bytes of others. */
  PackedWeight pointwiseWeight(long offset, long out, long in, boolean transition) {
    long rows = out <= NARROW_BOTTLENECK && !transition ? 48 : roundUp(out, 128);
    return new PackedWeight(offset, out, in, 1, roundUp(in, 4L * vector) / vector, rows);
  }

  /** The same of a 3x3 convolution. */
  PackedWeight spatialWeight(long offset, long out, long in) {
    boolean narrow = out <= NARROW_GROWTH;
    long stage = spatialStage(narrow ? 16 : 32) * vector;
    return new PackedWeight(offset, out, in, 9, roundUp(in, stage) / vector, narrow ? 16 : roundUp(out, 32));
  }

  /** Channels of y of the kernel that makes both gradients of a 3x3 convolution. */
  long mostOutputs() {
    return full ? 16 : 32;
  }

  /**
   * How many slices of {@link #mostOutputs} the kernel for so many outputs takes, one after the other; 1 if it has no
   * slices: Conv3x3BpropSlices of native/cuda/conv3x3_bprop.cuh.
   */
  int slices(long out) {
    return full ? 4 : out > mostOutputs() ? 2 : 1;
  }

  /** @param out all channels */
  FusedKernel conv3x3Bprop(Extent extent, long in, long out) {
    if (full) {
      return narrowBprop(named("bnrelu_conv3x3_bprop_16"), 96, 32, 2, extent.width());
    }
    String name = "bnrelu_conv3x3_bprop_" + (out <= NARROW_GROWTH ? 16 : slices(out) > 1 ? 64 : 32);
    var strips =
        out <= NARROW_GROWTH
            ? List.of(stripsBprop(name, 8, 32, 48), stripsBprop(name, 4, 32, 48))
            : slices(out) > 1
                ? List.of(stripsBprop(name, 4, 16, 64))
                : List.of(stripsBprop(name, 7, 16, 128), stripsBprop(name, 4, 16, 64));
    return best(strips, extent, in).orElse(strips.getLast());
  }

  /**
   * In tiles of some strips of so many rows: native/cuda/conv3x3_bprop_strips_layout.cuh. A warp has 16 channels of z.
   */
  private static FusedKernel stripsBprop(String name, int rows, int strips, int chunk) {
    long y = chunk == 48 ? 16 : 32;
    int warps = strips / 16 * chunk / 16;
    long row = (strips + 2) * 16L;
    long zeros = roundUp((y + y / 8) * 16 + chunk * 16L + 3 * row + 16 + warps * 4L, 128);
    long weights = roundUp(zeros + (rows + 1) * row + 128, 128) + warps * 128L;
    long stages = roundUp(weights + 9L * chunk / 8 * y * 16, 128);
    long stagings = stages + 2L * chunk / 8 * (roundUp(16L * rows * strips, 128) + 64);
    long dy = roundUp(stagings + warps * 16L * rows * 48, 128);
    long bytes = dy + 3 * y / 8 * (roundUp((rows + 2) * row, 128) + 32);
    return new FusedKernel(
        name + "_" + rows + "x" + strips, strips, rows, chunk, 32 * warps, chunk == 64 ? 2 : 1, bytes);
  }

  private FusedKernel narrowBprop(String name, int pixels, int chunk, int blocks, long width) {
    long planes = chunk / vector;
    long inside = roundUp(18 * 16 + chunk * 16, 128) + 128;
    long stages = roundUp(inside + 4L * pixels + 9 * planes * 256, 128);
    long products = roundUp(Math.max(2 * planes * plane(pixels), 9L * 16 * (chunk + 8) * 4), 128);
    long dy = 3L * 16 / vector * plane(pixels + 2 * width + 2);
    long bytes = stages + products + pixels * (chunk * (long) size + 16) + dy;
    return new FusedKernel(name, pixels, chunk, 2 * pixels, blocks, bytes);
  }

  /** Whether one kernel makes both gradients of a 1x1 convolution. */
  boolean together(Extent extent, long in, long out) {
    return out <= (full ? NARROW_BOTTLENECK : WIDE_BOTTLENECK) && conv1x1Bprop(extent, in, out).fits(device);
  }

  /** @param out at most as many as may be done together */
  FusedKernel conv1x1Bprop(Extent extent, long in, long out) {
    if (full) {
      return conv1x1Bprop("bnrelu_conv1x1_bprop_48_by_32_fp32", 48, 32, 2);
    }
    return out <= NARROW_BOTTLENECK
        ? quickest(
            extent, in, new Timed(conv1x1Bprop("bnrelu_conv1x1_bprop_48_by_64", 48, 64, 2), 1750),
            new Timed(conv1x1Bprop("bnrelu_conv1x1_bprop_48_by_128", 48, 128, 1), 2300),
            new Timed(conv1x1Bprop("bnrelu_conv1x1_bprop_48_by_192", 48, 192, 1), 3050))
        : quickest(
            extent, in, new Timed(conv1x1Bprop("bnrelu_conv1x1_bprop_128_by_128", 128, 128, 1), 3750),
            new Timed(conv1x1Bprop("bnrelu_conv1x1_bprop_128_by_192", 128, 192, 1), 4900));
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

  private FusedKernel conv1x1Bprop(String name, int rows, int chunk, int blocks) {
    long z = rows / vector;
    long x = chunk / vector;
    long stages = roundUp(z * (full ? 80 : 112) + chunk * 16L + x * rows * 16, 128);
    long rowWarps = chunk > 64 ? 2 : 4;
    long products = rows == 48 ? rowWarps * rows * (chunk + 8) * 4 : 0;
    return new FusedKernel(
        name, 64, chunk, 256, blocks, stages + Math.max(2 * (z + 2 * x) * plane(64), products));
  }

  FusedKernel transitionFprop(long in, long out) {
    if (full) {
      return transitionFprop("transition_fprop_fp32", 128, in);
    }
    var large = transitionFprop("transition_fprop_256", 256, in);
    return out % large.channels() == 0 && large.fits(device)
        ? large
        : transitionFprop("transition_fprop_128", 128, in);
  }

  private FusedKernel transitionFprop(String name, int rows, long in) {
    long x = (full ? 1 : 2) * 4 * plane(64);
    long bytes = roundUp(roundUp(in, 4L * vector) * 8, 128) + 2 * x + 2 * 4 * rows * 16L + 4 * 16 * (128L * size + 16);
    return new FusedKernel(name, 64, rows, 128, 2, bytes);
  }

  /** Pieces of 16 bytes for so many channels, with one more after each plane. */
  private long spread(long channels) {
    return FusedKernel.spread(channels, vector);
  }

  /** @param stem of kernels that make the two gradients apart */
  FusedKernel pointwiseData(String stem, long out) {
    int chunk = full ? 64 : 128;
    long step = 4L * vector;
    long operands = spread(chunk) * 16 + 64 * (chunk + 8L) * 4 + 2 * 4 * plane(64);
    long bytes = operands + 2 * (chunk / vector) * step * 16 + spread(roundUp(out, step)) * 16;
    return new FusedKernel(named(stem + "_data"), 64, chunk, 128, full ? 2 : 3, bytes);
  }

  FusedKernel pointwiseWeights(String stem) {
    long bytes = 64 / vector * (vector * 8L + 16) + spread(64) * 16 + 2 * (64 / vector) * plane(64);
    return new FusedKernel(named(stem + "_weights"), 64, 64, 128, full ? 3 : 4, bytes);
  }

  /**
   * A tile is {@link #headImages} images.
   *
   * @param classes a block has 128 of them
   */
  FusedKernel headFprop(long channels, long classes) {
    long bytes = roundUp(channels, vector) * (2 + headImages(classes)) * Float.BYTES;
    return new FusedKernel(named("head_fprop"), Math.toIntExact(headImages(classes)), 128, 256, 2, bytes);
  }

  /** Of weights that many blocks would read each block makes more use. */
  long headImages(long classes) {
    return classes > 128 ? 8 : 1;
  }

  /** A tile is eight images. */
  FusedKernel headDgrad() {
    return new FusedKernel(named("head_dgrad"), 8, 64, 256, 2, 0);
  }
}
