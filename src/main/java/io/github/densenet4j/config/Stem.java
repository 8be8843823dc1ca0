package io.github.densenet4j.config;

/** What stands before the first dense block. */
public enum Stem {
  /** One 3x3 convolution, stride 1, padding 1. */
  CIFAR(3, 1, 1),
  /** A 7x7 convolution, stride 2, padding 3; BN and ReLU; 3x3 max pool, stride 2, padding 1. */
  IMAGENET(7, 2, 3);

  private final int kernel;
  private final int stride;
  private final int padding;

  Stem(int kernel, int stride, int padding) {
    this.kernel = kernel;
    this.stride = stride;
    this.padding = padding;
  }

  public int kernel() {
    return kernel;
  }

  public int stride() {
    return stride;
  }

  public int padding() {
    return padding;
  }

  /** The height (or width) that the stem's convolution makes of an image's. */
  public int convolved(int size) {
    return (size + 2 * padding - kernel) / stride + 1;
  }

  /** The height (or width) at which the first dense block works. */
  public int reduced(int size) {
    return this == CIFAR ? convolved(size) : (convolved(size) - 1) / 2 + 1;
  }

  /** The name on the command line and in checkpoints. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
