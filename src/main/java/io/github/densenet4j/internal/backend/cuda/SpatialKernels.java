package io.github.densenet4j.internal.backend.cuda;

import static io.github.densenet4j.internal.backend.cuda.FusedKernel.plane;
import static io.github.densenet4j.internal.backend.cuda.FusedKernel.roundUp;

import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.tensor.ElementType;
import io.github.densenet4j.internal.tensor.Extent;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Which kernel does a 3x3 convolution on a device. Sizes of shared memory are those of layouts in native/cuda. float32
 * is bound by its products, so that one kernel serves what bfloat16 has several for.
 */
final class SpatialKernels {
  /** Channels after a 3x3 convolution, likewise. */
  static final long NARROW_GROWTH = 16;

  private final CudaDevice device;
  private final FusedValues values;

  SpatialKernels(CudaDevice device, ElementType type) {
    this.device = device;
    values = new FusedValues(type);
  }

  FusedKernel fprop(Extent extent, long in, long out) {
    boolean narrow = out <= NARROW_GROWTH;
    String name = "bnrelu_conv3x3_fprop_" + (narrow ? 16 : 32);
    int rows = narrow ? 16 : 32;
    if (values.full()) {
      return streamed(values.named(name), rows, stage(rows), in, extent.width());
    }
    var strips =
        narrow
            ? List.of(strips(name, 8, 64, 1, rows, in), strips(name, 4, 32, 1, rows, in))
            : List.of(
                strips(name, 7, 32, 4, rows, in), strips(name, 4, 32, 4, rows, in), strips(name, 7, 16, 4, rows, in));
    return best(strips, extent, out).orElseGet(() -> streamed(name, rows, in, extent.width()));
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
    long stagePlanes = stage(out);
    long planes = roundUp(in, values.vector() * stagePlanes) / values.vector();
    long row = (strips + 2) * 16L;
    long zeros = roundUp((rows + 1) * row + 128, 128);
    long exchange = split > 1 ? rows * out / 16L * 512 : 16L * rows * (tiles == 1 ? 16 : tiles * 16 + 16);
    long stage = stagePlanes * (roundUp((rows + 2) * row, 128) + 64);
    long affine = roundUp(zeros + warps * exchange + 2 * stage, 128);
    long bytes = roundUp(affine + planes * 64, 128) + 9 * planes * out * 16;
    return new FusedKernel(name + "_" + rows + "x" + strips, strips, rows, out, 32 * warps, 1, bytes);
  }

  private FusedKernel streamed(String name, int rows, long in, long width) {
    var streamed = streamed(name + "_streamed", rows, stage(rows), in, width);
    return rows == 16 || streamed.fits(device) ? streamed : streamed(name + "_small", rows, 4, in, width);
  }

  private FusedKernel streamed(String name, int rows, long stagePlanes, long in, long width) {
    long planes = roundUp(in, values.vector() * stage(rows)) / values.vector();
    long zeros = 128 + 32 * (stagePlanes / 2 - 1);
    long stages = roundUp(roundUp(planes * values.vector() * 8, 128) + zeros, 128);
    long stage = stagePlanes * plane(64 + 2 * width + 2) + 9 * stagePlanes * rows * 16;
    return new FusedKernel(name, 64, rows, 128, 2, stages + 2 * stage + 64 * (rows * (long) values.size() + 16));
  }

  /** Planes of a stage of the 3x3 convolution's kernel for so many outputs. */
  private long stage(long rows) {
    return values.full() ? 4 : rows == 16 ? 6 : 8;
  }

  /** Channels of y of the kernel that makes both gradients of a 3x3 convolution. */
  long mostOutputs() {
    return values.full() ? 16 : 32;
  }

  /**
   * How many slices of {@link #mostOutputs} the kernel for so many outputs takes, one after the other; 1 if it has no
   * slices: Conv3x3BpropSlices of native/cuda/conv3x3_bprop.cuh.
   */
  int slices(long out) {
    return values.full() ? 4 : out > mostOutputs() ? 2 : 1;
  }

  /** @param out all channels */
  FusedKernel bprop(Extent extent, long in, long out) {
    if (values.full()) {
      return pixelsBprop(values.named("bnrelu_conv3x3_bprop_16"), 96, 32, 2, extent.width());
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

  private FusedKernel pixelsBprop(String name, int pixels, int chunk, int blocks, long width) {
    long planes = chunk / values.vector();
    long inside = roundUp(18 * 16 + chunk * 16, 128) + 128;
    long stages = roundUp(inside + 4L * pixels + 9 * planes * 256, 128);
    long products = roundUp(Math.max(2 * planes * plane(pixels), 9L * 16 * (chunk + 8) * 4), 128);
    long dy = 3L * 16 / values.vector() * plane(pixels + 2 * width + 2);
    long bytes = stages + products + pixels * (chunk * (long) values.size() + 16) + dy;
    return new FusedKernel(name, pixels, chunk, 2 * pixels, blocks, bytes);
  }

  /** The weights as kernels read them, after {@code offset} bytes of others. */
  PackedWeight weight(long offset, long out, long in) {
    boolean narrow = out <= NARROW_GROWTH;
    long stage = stage(narrow ? 16 : 32) * values.vector();
    return new PackedWeight(offset, out, in, 9, roundUp(in, stage) / values.vector(), narrow ? 16 : roundUp(out, 32));
  }
}
