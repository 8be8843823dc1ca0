package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.tensor.Dropout;

/** The values that change from step to step. */
public record Control(double learningRate, long step, long seed) {
  Operand in(OpHarness harness) {
    return harness.words("control", false, words());
  }

  /** As an operation reads them: halves of 8-byte values, the lower one first. */
  public int[] words() {
    long rate = Double.doubleToRawLongBits(learningRate);
    return new int[] {
      (int) rate, (int) (rate >>> 32), (int) step, (int) (step >>> 32), (int) seed, (int) (seed >>> 32)
    };
  }

  /** The factors of {@code dropout} on the first {@code count} elements of its convolution's output. */
  double[] mask(Dropout dropout, int count) {
    return Philox.mask(seed, step, dropout.layer(), dropout.rate(), count);
  }
}
