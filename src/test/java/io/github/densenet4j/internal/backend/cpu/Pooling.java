package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.tensor.Extent;

/**
 * The three pools of a DenseNet by their definitions, on dense (batch, height, width, channels) tensors.
 *
 * @param height of the input
 * @param width of the input
 */
public record Pooling(int batch, int height, int width, int channels) {
  public Extent extent() {
    return new Extent(batch, height, width);
  }

  private int pixel(int image, int row, int column) {
    return (image * height + row) * width + column;
  }

  public int pixels() {
    return batch * height * width;
  }

  /** The value of an average pool's output that value {@code i} of its input counts in, or -1 if there is none. */
  private int averagedInto(int i, int window) {
    int pixel = i / channels;
    int row = pixel / width % height / window;
    int column = pixel % width / window;
    if (row >= height / window || column >= width / window) {
      return -1;
    }
    int image = pixel / (width * height);
    return ((image * (height / window) + row) * (width / window) + column) * channels + i % channels;
  }

  public int averagedPixels(int window) {
    return batch * (height / window) * (width / window);
  }

  /** Average pool of windows side by side; the rows and columns left over are left out. */
  Real average(Real x, int window) {
    var y = Real.zeros(averagedPixels(window) * channels);
    for (int i = 0; i < x.size(); i++) {
      if (averagedInto(i, window) >= 0) {
        y.add(averagedInto(i, window), x, i, 1.0 / (window * window));
      }
    }
    return y;
  }

  Real averageGradient(Real dy, int window) {
    var dx = Real.zeros(pixels() * channels);
    for (int i = 0; i < dx.size(); i++) {
      if (averagedInto(i, window) >= 0) {
        dx.add(i, dy, averagedInto(i, window), 1.0 / (window * window));
      }
    }
    return dx;
  }

  public int largestPixels() {
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
