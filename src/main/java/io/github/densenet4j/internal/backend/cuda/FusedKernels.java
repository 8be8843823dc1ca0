package io.github.densenet4j.internal.backend.cuda;

import static io.github.densenet4j.internal.backend.cuda.FusedKernel.plane;
import static io.github.densenet4j.internal.backend.cuda.FusedKernel.roundUp;

import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.tensor.Extent;

/**
 * Which kernel of a stem does a convolution on a device. Sizes of shared memory are those of the layouts in native/cuda.
 */
final class FusedKernels {
  /** Channels after a 1x1 convolution up to which the kernels for a growth rate of 12 are the better ones. */
  static final long NARROW_BOTTLENECK = 48;

  /** Channels after a 3x3 convolution, likewise. */
  static final long NARROW_GROWTH = 16;

  /** Channels of z of the kernel that makes both gradients of a 1x1 convolution. */
  static final long WIDE_BOTTLENECK = 128;

  /** Channels of y of the kernels that make both gradients of a 3x3 convolution. */
  static final long MOST_OUTPUTS = 32;

  private static final int STAGES = 3;

  private final CudaDevice device;

  FusedKernels(CudaDevice device) {
    this.device = device;
  }

  CudaDevice device() {
    return device;
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
    var small = conv1x1Fprop(name + "_small", 64, rows, 4, narrow ? 4 : 1, in, true);
    var streamed =
        narrow
            ? conv1x1Fprop(name + "_streamed", 256, rows, 8, 2, in, false)
            : conv1x1Fprop(name + "_streamed", 64, rows, 4, 1, in, false);
    if (perMultiprocessor(extent) < 256) {
      return first(small, streamed);
    }
    return first(conv1x1Fprop(name + "_large", 256, rows, 8, narrow ? 2 : 1, in, true), small, streamed);
  }

  private static FusedKernel conv1x1Fprop(
      String name, int pixels, int rows, int warps, int blocks, long in, boolean resident) {
    long padded = roundUp(in, 32);
    long weights = padded / 8 * rows * 16;
    long stage = 4 * (plane(pixels) + 16) + (resident ? 0 : 4L * rows * 16);
    long bytes = padded * 8 + (resident ? weights : 0) + STAGES * stage + warps * 16L * (rows * 2 + 16);
    return new FusedKernel(name, pixels, rows, 32 * warps, blocks, bytes);
  }

  FusedKernel conv3x3Fprop(Extent extent, long in, long out) {
    boolean narrow = out <= NARROW_GROWTH;
    String name = "bnrelu_conv3x3_fprop_" + (narrow ? 16 : 32);
    int rows = narrow ? 16 : 32;
    var small = conv3x3Fprop(name + "_small", 64, rows, 4, narrow ? 4 : 2, in, extent.width(), true);
    var streamed = conv3x3Fprop(name + "_streamed", 64, rows, 4, 2, in, extent.width(), false);
    if (perMultiprocessor(extent) < (narrow ? 256 : 64)) {
      return first(small, streamed);
    }
    var large = conv3x3Fprop(name + "_large", 256, rows, 8, narrow ? 2 : 1, in, extent.width(), true);
    return first(large, small, streamed);
  }

  private static FusedKernel conv3x3Fprop(
      String name, int pixels, int rows, int warps, int blocks, long in, long width, boolean resident) {
    int stagePlanes = rows == 16 ? 6 : 8;
    long planes = roundUp(in, 8 * stagePlanes) / 8;
    long zeros = 128 + 32 * (stagePlanes / 2 - 1);
    long weights = roundUp(planes * 64, 128) + zeros;
    long stages = roundUp(weights + (resident ? 9 * planes * rows * 16 : 0), 128);
    long stage = stagePlanes * plane(pixels + 2 * width + 2) + (resident ? 0 : 9L * stagePlanes * rows * 16);
    return new FusedKernel(name, pixels, rows, 32 * warps, blocks, stages + 2 * stage + pixels * (rows * 2L + 16));
  }

  /** @param out all channels, of which a launch takes {@link #MOST_OUTPUTS} */
  FusedKernel conv3x3Bprop(Extent extent, long out) {
    long width = extent.width();
    if (out <= NARROW_GROWTH) {
      var small = narrowBprop("bnrelu_conv3x3_bprop_16_small", 96, 2, width);
      return perMultiprocessor(extent) < 96
          ? small
          : first(narrowBprop("bnrelu_conv3x3_bprop_16_large", 192, 1, width), small);
    }
    var small = wideBprop("bnrelu_conv3x3_bprop_32_small", 64, 64, 128, width);
    if (perMultiprocessor(extent) < 64) {
      return small;
    }
    var half = wideBprop("bnrelu_conv3x3_bprop_32_half", 128, 64, 128, width);
    return first(wideBprop("bnrelu_conv3x3_bprop_32_large", 128, 128, 256, width), half, small);
  }

  private static FusedKernel narrowBprop(String name, int pixels, int blocks, long width) {
    long inside = roundUp(18 * 16 + 48 * 16, 128) + 128;
    long stages = roundUp(inside + 4L * pixels + 9 * 6 * 256, 128);
    long products = roundUp(Math.max(2 * 6 * plane(pixels), 9L * 16 * (48 + 8) * 4), 128);
    long bytes = stages + products + pixels * (48 * 2L + 16) + 6 * plane(pixels + 2 * width + 2);
    return new FusedKernel(name, pixels, 48, 2 * pixels, blocks, bytes);
  }

  private static FusedKernel wideBprop(String name, int pixels, int chunk, int threads, long width) {
    long planes = chunk / 8;
    long warps = threads / 32;
    long tiles = planes * (pixels / 32) / warps;
    long weights = roundUp(36 * 16 + chunk * 16L, 128) + 128 + 4L * pixels + warps * tiles / 2 * 128;
    long stages = roundUp(weights + 9 * planes * 512, 128);
    long bytes =
        roundUp(stages + 2 * planes * plane(pixels), 128) + warps * 32 * (tiles * 16 + 16)
            + 12 * (plane(pixels + 2 * width + 2) + 16);
    return new FusedKernel(name, pixels, chunk, threads, threads == 128 ? 2 : 1, bytes);
  }

  /** @param out at most 128 */
  FusedKernel conv1x1Bprop(long out) {
    return out <= NARROW_BOTTLENECK
        ? conv1x1Bprop("bnrelu_conv1x1_bprop_48", 48, 64, 2)
        : conv1x1Bprop("bnrelu_conv1x1_bprop_128", 128, 128, 1);
  }

  private static FusedKernel conv1x1Bprop(String name, int rows, int chunk, int blocks) {
    long z = rows / 8;
    long x = chunk / 8;
    long stages = roundUp(z * 112 + chunk * 16L + x * rows * 16, 128);
    long products = rows == 48 ? 4L * rows * (chunk + 8) * 4 : 0;
    return new FusedKernel(
        name, 64, chunk, 256, blocks, stages + Math.max(2 * (2 * z + 2 * x) * plane(64), products));
  }

  static FusedKernel transitionFprop(long in) {
    long bytes = roundUp(roundUp(in, 32) * 8, 128) + 2 * 8 * plane(64) + 2 * 4 * 128 * 16 + 4 * 16 * (128 * 2 + 16);
    return new FusedKernel("transition_fprop", 64, 128, 128, 2, bytes);
  }

  /** @param stem of kernels that make the two gradients apart */
  static FusedKernel pointwiseData(String stem, long out) {
    long weights = 64 * 16 + 64 * (64 + 8) * 4 + 2 * 4 * plane(64);
    return new FusedKernel(stem + "_data", 64, 64, 128, 3, weights + 2 * 8 * 32 * 16 + roundUp(out, 32) * 16);
  }

  static FusedKernel pointwiseWeights(String stem) {
    return new FusedKernel(stem + "_weights", 64, 64, 128, 4, 64 * 8 + 64 * 16 + 2 * 8 * plane(64));
  }

  /** @param terms channels times places of the kernel */
  static FusedKernel stemFprop(long terms) {
    return new FusedKernel("stem_conv_fprop", 64, 32, 256, 4, 64 * (32 * 2 + 16) + 2 * 8 * 32 * 4 + terms * 32 * 4);
  }

  static FusedKernel stemWgrad() {
    return new FusedKernel("stem_conv_wgrad", 32, 32, 256, 3, 0);
  }

  /** @param channels at most 1024 */
  static FusedKernel maxpoolFprop(long channels) {
    int planes = Math.toIntExact(Math.ceilDiv(channels, 8));
    return new FusedKernel("bnrelu_maxpool_fprop", 256 / planes, 8 * planes, 256, 2, planes * 64L + 2 * 256 * 8 * 4);
  }

  /** @param channels at most 1024 */
  static FusedKernel maxpoolDgrad(long channels) {
    int planes = Math.toIntExact(Math.ceilDiv(channels, 8));
    return new FusedKernel("bnrelu_maxpool_dgrad", 128 / planes, 8 * planes, 128, 2, planes * 256L + 2 * 128 * 8 * 4);
  }

  /** A tile is an image. */
  static FusedKernel headFprop(long channels) {
    return new FusedKernel("head_fprop", 1, 1, 256, 2, roundUp(channels, 8) * 12);
  }

  /** A tile is an image. */
  static FusedKernel headDgrad() {
    return new FusedKernel("head_dgrad", 1, 128, 64, 16, 0);
  }
}
