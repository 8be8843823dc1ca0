package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.tensor.Extent;

/**
 * A convolution by its definition, on dense (batch, height, width, channels) tensors, with weights (out, in, kernel,
 * kernel).
 *
 * @param height of the input
 * @param width of the input
 */
public record Convolution(int batch, int height, int width, int in, int out, int kernel, int stride, int padding) {
  /** A pixel of the output, a pixel of the input under its window, and the kernel's element between them. */
  private interface Visitor {
    void visit(int outPixel, int inPixel, int tap);
  }

  public Extent extent() {
    return new Extent(batch, height, width);
  }

  public int pixels() {
    return batch * height * width;
  }

  /** The terms of an output. */
  public int window() {
    return in * kernel * kernel;
  }

  int outHeight() {
    return (height + 2 * padding - kernel) / stride + 1;
  }

  int outWidth() {
    return (width + 2 * padding - kernel) / stride + 1;
  }

  public int outPixels() {
    return batch * outHeight() * outWidth();
  }

  public int weights() {
    return out * in * kernel * kernel;
  }

  Real fprop(Real x, double[] weight) {
    var y = Real.zeros(outPixels() * out);
    visit((outPixel, inPixel, tap) -> {
      for (int o = 0; o < out; o++) {
        for (int i = 0; i < in; i++) {
          y.add(outPixel * out + o, x, inPixel * in + i, weight[weight(o, i, tap)]);
        }
      }
    });
    return y;
  }

  Real dgrad(Real dy, double[] weight) {
    var dx = Real.zeros(pixels() * in);
    visit((outPixel, inPixel, tap) -> {
      for (int i = 0; i < in; i++) {
        for (int o = 0; o < out; o++) {
          dx.add(inPixel * in + i, dy, outPixel * out + o, weight[weight(o, i, tap)]);
        }
      }
    });
    return dx;
  }

  Real wgrad(Real x, Real dy) {
    var dweight = Real.zeros(weights());
    visit((outPixel, inPixel, tap) -> {
      for (int o = 0; o < out; o++) {
        double value = dy.value()[outPixel * out + o];
        double magnitude = dy.magnitude()[outPixel * out + o];
        for (int i = 0; i < in; i++) {
          int from = inPixel * in + i;
          dweight.add(weight(o, i, tap), value * x.value()[from], magnitude * x.magnitude()[from]);
        }
      }
    });
    return dweight;
  }

  private int weight(int o, int i, int tap) {
    return (o * in + i) * kernel * kernel + tap;
  }

  private void visit(Visitor visitor) {
    for (int outPixel = 0; outPixel < outPixels(); outPixel++) {
      int image = outPixel / (outHeight() * outWidth());
      int top = outPixel / outWidth() % outHeight() * stride - padding;
      int left = outPixel % outWidth() * stride - padding;
      for (int tap = 0; tap < kernel * kernel; tap++) {
        int row = top + tap / kernel;
        int column = left + tap % kernel;
        if (row >= 0 && row < height && column >= 0 && column < width) {
          visitor.visit(outPixel, (image * height + row) * width + column, tap);
        }
      }
    }
  }
}
