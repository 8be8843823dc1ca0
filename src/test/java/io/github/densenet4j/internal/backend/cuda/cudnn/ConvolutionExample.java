package io.github.densenet4j.internal.backend.cuda.cudnn;

import java.util.Random;

/**
 * A convolution of small whole numbers, on the device and as plain loops: every sum is exact in float32, in any order.
 * Tensors are NHWC, filters KRSC.
 */
record ConvolutionExample(int batch, int size, int inputs, int outputs, int kernel, int padding, int stride) {
  int outSize() {
    return (size + 2 * padding - kernel) / stride + 1;
  }

  TensorShape xShape() {
    return TensorShape.nhwc(batch, size, size, inputs);
  }

  TensorShape yShape() {
    return TensorShape.nhwc(batch, outSize(), outSize(), outputs);
  }

  FilterShape wShape() {
    return FilterShape.krsc(outputs, kernel, inputs);
  }

  ConvolutionShape shape() {
    return ConvolutionShape.of(padding, stride);
  }

  int xCount() {
    return batch * size * size * inputs;
  }

  int yCount() {
    return batch * outSize() * outSize() * outputs;
  }

  int wCount() {
    return outputs * kernel * kernel * inputs;
  }

  static float[] wholeNumbers(int count, long seed) {
    var random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextInt(-4, 5);
    }
    return values;
  }

  private interface Product {
    void add(int y, int x, int w);
  }

  /** Every product of a convolution: where its result and its factors lie. */
  private void products(Product product) {
    for (int n = 0; n < batch; n++) {
      for (int row = 0; row < outSize(); row++) {
        for (int column = 0; column < outSize(); column++) {
          for (int tap = 0; tap < kernel * kernel; tap++) {
            int h = row * stride - padding + tap / kernel;
            int w = column * stride - padding + tap % kernel;
            if (h >= 0 && h < size && w >= 0 && w < size) {
              int y = ((n * outSize() + row) * outSize() + column) * outputs;
              channels(product, y, ((n * size + h) * size + w) * inputs, tap);
            }
          }
        }
      }
    }
  }

  private void channels(Product product, int y, int x, int tap) {
    for (int out = 0; out < outputs; out++) {
      for (int in = 0; in < inputs; in++) {
        product.add(y + out, x + in, (out * kernel * kernel + tap) * inputs + in);
      }
    }
  }

  float[] forward(float[] x, float[] w) {
    float[] result = new float[yCount()];
    products((yAt, xAt, wAt) -> result[yAt] += x[xAt] * w[wAt]);
    return result;
  }

  float[] backwardData(float[] dy, float[] w) {
    float[] result = new float[xCount()];
    products((yAt, xAt, wAt) -> result[xAt] += dy[yAt] * w[wAt]);
    return result;
  }

  float[] backwardFilter(float[] dy, float[] x) {
    float[] result = new float[wCount()];
    products((yAt, xAt, wAt) -> result[wAt] += dy[yAt] * x[xAt]);
    return result;
  }
}
