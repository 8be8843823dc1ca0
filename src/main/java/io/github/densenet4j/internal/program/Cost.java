package io.github.densenet4j.internal.program;

import io.github.densenet4j.internal.tensor.ElementType;
import io.github.densenet4j.internal.tensor.Extent;
import io.github.densenet4j.internal.tensor.InputGradient;

/**
 * The least traffic of the convolutions, shared by their passes. Pixels are counted apart for x and for y; weights are
 * float32, whatever the tensors are.
 */
final class Cost {
  private Cost() {}

  static long bytes(long values) {
    return values * Float.BYTES;
  }

  static long pooled(Extent extent) {
    return extent.batch() * (extent.height() / 2) * (extent.width() / 2);
  }

  static long convolved(Extent extent, long kernel, long stride, long padding) {
    return extent.windows(kernel, stride, padding).pixels();
  }

  /** One multiplication and one addition for each tap, input channel and output value; the same in all passes. */
  static long flops(long pixels, long in, long out, long taps) {
    return 2 * pixels * in * out * taps;
  }

  /** Reads x, writes y. */
  static long fprop(ElementType type, long xPixels, long yPixels, long in, long out, long taps) {
    return type.bytes() * (xPixels * in + yPixels * out) + bytes(taps * in * out);
  }

  /** Reads y and its gradient, reads x, writes x's gradient and reads it if it is added to. */
  static long dgrad(InputGradient dx, long xPixels, long yPixels, long in, long out, long taps) {
    int type = dx.gradient().sum().type().bytes();
    return type * (xPixels * in * (dx.accumulate() ? 3 : 2) + 2 * yPixels * out) + bytes(taps * in * out);
  }
}
