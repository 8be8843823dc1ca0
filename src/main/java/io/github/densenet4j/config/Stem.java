package io.github.densenet4j.config;

/**
 * What stands before the first dense block.
 *
 * @since 0.1
 */
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

  /** {@return the height and width of the convolution's kernel} */
  public int kernel() {
    return kernel;
  }

  /** {@return the convolution's stride} */
  public int stride() {
    return stride;
  }

  /** {@return the pixels of padding on each side of the convolution's input} */
  public int padding() {
    return padding;
  }

  /**
   * {@return the height (or width) that the stem's convolution makes of an image's}
   *
   * @param size of the image
   */
  public int convolved(int size) {
    return (size + 2 * padding - kernel) / stride + 1;
  }

  /**
   * {@return the height (or width) at which the first dense block works}
   *
   * @param size of the image
   */
  public int reduced(int size) {
    return this == CIFAR ? convolved(size) : (convolved(size) - 1) / 2 + 1;
  }

  /** {@return the name in tables and checkpoints: the constant's in small letters} */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
