package io.github.densenet4j.internal.backend.cuda;

import static io.github.densenet4j.internal.backend.cuda.FusedKernel.roundUp;

import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.tensor.ElementType;

/** The kernels of the fused strategy on a device, for one type of values: which serve a shape, and what they need. */
final class FusedKernels {
  private final CudaDevice device;
  private final ElementType type;
  private final FusedValues values;

  FusedKernels(CudaDevice device, ElementType type) {
    this.device = device;
    this.type = type;
    values = new FusedValues(type);
  }

  CudaDevice device() {
    return device;
  }

  /** Those before the first block. */
  StemKernels stem() {
    return new StemKernels(type);
  }

  /** Those of 1x1 convolutions and transitions. */
  PointwiseKernels pointwise() {
    return new PointwiseKernels(device, type);
  }

  /** Those of 3x3 convolutions. */
  SpatialKernels spatial() {
    return new SpatialKernels(device, type);
  }

  ElementType type() {
    return type;
  }

  /** The kernel of a stem for these values. */
  String named(String stem) {
    return values.named(stem);
  }

  /**
   * A tile is eight images, or one. Of weights that many blocks would read each block makes more use.
   *
   * @param classes a block has 128 of them
   */
  FusedKernel headFprop(long channels, long classes) {
    var eight = headFprop(channels, 8);
    return classes > 128 && eight.fits(device) ? eight : headFprop(channels, 1);
  }

  private FusedKernel headFprop(long channels, int images) {
    long bytes = roundUp(channels, values.vector()) * (2 + images) * Float.BYTES;
    return new FusedKernel(values.named("head_fprop"), images, 128, 256, 2, bytes);
  }

  /** A tile is eight images. */
  FusedKernel headDgrad() {
    return new FusedKernel(values.named("head_dgrad"), 8, 64, 256, 2, 0);
  }
}
