package io.github.densenet4j.internal.backend.cpu;

import java.util.function.ToDoubleFunction;

/** Gradients by central differences. */
final class FiniteDifferences {
  /**
   * Near the cube root of double precision's unit roundoff, where truncation and cancellation cost the same: about
   * 1e-10 of the function, far below float32 rounding.
   */
  static final double STEP = 1e-5;

  private FiniteDifferences() {}

  static double[] gradient(ToDoubleFunction<double[]> function, double[] at) {
    double[] x = at.clone();
    var gradient = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      x[i] = at[i] + STEP;
      double above = function.applyAsDouble(x);
      x[i] = at[i] - STEP;
      gradient[i] = (above - function.applyAsDouble(x)) / (2 * STEP);
      x[i] = at[i];
    }
    return gradient;
  }
}
