package io.github.densenet4j.backend.cpu;

/**
 * The three pools of a DenseNet by their definitions, on dense (batch, height, width, channels) tensors.
 *
 * @param height of the input
 * @param width of the input
 */
record Pooling(int batch, int height, int width, int channels) {
  private int pixel(int image, int row, int column) {
    return (image * height + row) * width + column;
  }

  int pixels() {
    return batch * height * width;
  }

  /** The value of a 2x2 average pool's output that value {@code i} of its input counts in, or -1 if there is none. */
  private int averagedInto(int i) {
    int pixel = i / channels;
    int row = pixel / width % height / 2;
    int column = pixel % width / 2;
    if (row >= height / 2 || column >= width / 2) {
      return -1;
    }
    int image = pixel / (width * height);
    return ((image * (height / 2) + row) * (width / 2) + column) * channels + i % channels;
  }

  int averagedPixels() {
    return batch * (height / 2) * (width / 2);
  }

  /** 2x2 average pool, stride 2; an odd last row or column is left out. */
  Real average(Real x) {
    var y = Real.zeros(averagedPixels() * channels);
    for (int i = 0; i < x.size(); i++) {
      if (averagedInto(i) >= 0) {
        y.add(averagedInto(i), x, i, 0.25);
      }
    }
    return y;
  }

  Real averageGradient(Real dy) {
    var dx = Real.zeros(pixels() * channels);
    for (int i = 0; i < dx.size(); i++) {
      if (averagedInto(i) >= 0) {
        dx.add(i, dy, averagedInto(i), 0.25);
      }
    }
    return dx;
  }

  int largestPixels() {
    return batch * ((height + 1) / 2) * ((width + 1) / 2);
  }

  /** For each output value of a 3x3 max pool, stride 2, padding 1: the first largest value of x under its window. */
  int[] largest(double[] x) {
    var largest = new int[largestPixels() * channels];
    int rows = (height + 1) / 2;
    int columns = (width + 1) / 2;
    for (int to = 0; to < largest.length; to++) {
      int pixel = to / channels;
      int best = -1;
      for (int tap = 0; tap < 9; tap++) {
        int row = pixel / columns % rows * 2 - 1 + tap / 3;
        int column = pixel % columns * 2 - 1 + tap % 3;
        if (row >= 0 && row < height && column >= 0 && column < width) {
          int at = pixel(pixel / (rows * columns), row, column) * channels + to % channels;
          best = best < 0 || x[at] > x[best] ? at : best;
        }
      }
      largest[to] = best;
    }
    return largest;
  }

  /** The values of x that {@link #largest} names. */
  static Real pick(Real x, int[] from) {
    var y = Real.zeros(from.length);
    for (int i = 0; i < from.length; i++) {
      y.add(i, x, from[i], 1);
    }
    return y;
  }

  /** The gradient of {@link #pick}. */
  Real pickGradient(Real dy, int[] from) {
    var dx = Real.zeros(pixels() * channels);
    for (int i = 0; i < from.length; i++) {
      dx.add(from[i], dy, i, 1);
    }
    return dx;
  }

  /** The mean over an image's pixels, (batch, channels). */
  Real global(Real x) {
    var y = Real.zeros(batch * channels);
    for (int i = 0; i < x.size(); i++) {
      y.add(pooledInto(i), x, i, 1.0 / (height * width));
    }
    return y;
  }

  Real globalGradient(Real dy) {
    var dx = Real.zeros(pixels() * channels);
    for (int i = 0; i < dx.size(); i++) {
      dx.add(i, dy, pooledInto(i), 1.0 / (height * width));
    }
    return dx;
  }

  private int pooledInto(int i) {
    return i / (height * width * channels) * channels + i % channels;
  }
}
