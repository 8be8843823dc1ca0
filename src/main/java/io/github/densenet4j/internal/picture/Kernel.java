package io.github.densenet4j.internal.picture;

/** The filters that images are resized with, as a function of the distance from a pixel's centre. */
public enum Kernel {
  /** A triangle. */
  BILINEAR(1) {
    @Override
    double at(double distance) {
      return Math.max(0, 1 - Math.abs(distance));
    }
  },

  /** Keys's cubic convolution with a = -0.5 (1981). */
  BICUBIC(2) {
    @Override
    double at(double distance) {
      double x = Math.abs(distance);
      if (x < 1) {
        return ((A + 2) * x - (A + 3)) * x * x + 1;
      }
      return x < 2 ? (((x - 5) * x + 8) * x - 4) * A : 0;
    }
  };

  private static final double A = -0.5;

  private final double support;

  Kernel(double support) {
    this.support = support;
  }

  /** How far it reaches, in pixels of the smaller image. */
  double support() {
    return support;
  }

  abstract double at(double distance);
}
