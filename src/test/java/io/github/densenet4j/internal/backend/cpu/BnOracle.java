package io.github.densenet4j.internal.backend.cpu;

/**
 * Batch normalisation without a ReLU, as plain loops over (pixels, channels) in double precision.
 *
 * @param x (pixels, channels); the rest is a value a channel
 */
public record BnOracle(double[] x, double[] mean, double[] variance, double[] gamma) {
  /** (pixels, channels), and two a channel. */
  public record Gradients(Real dx, Real dgamma, Real dbeta) {}

  private int channels() {
    return gamma.length;
  }

  private int pixels() {
    return x.length / channels();
  }

  private double inverse(int c) {
    return 1 / Math.sqrt(variance[c] + Oracle.EPSILON);
  }

  /** gamma * xhat + beta as scale * x - scale * mean + beta. */
  public Real normalized(double[] beta) {
    var y = Real.zeros(x.length);
    for (int i = 0; i < x.length; i++) {
      int c = i % channels();
      double scale = gamma[c] * inverse(c);
      y.add(i, x[i] * scale, Math.abs(x[i] * scale));
      y.add(i, -scale * mean[c], Math.abs(scale * mean[c]));
      y.add(i, beta[c], Math.abs(beta[c]));
    }
    return y;
  }

  /**
   * How far a value of y may lie from {@link #normalized} if the statistics are measured: its roundings, and what is
   * due to the mean and the variance, each being off by its own tolerance. A relative error of the variance is twice
   * that of its root.
   *
   * @param moments of x
   */
  public Tolerance.OfValue ofNormalized(double[] beta, Moments moments) {
    double[] magnitudes = normalized(beta).magnitude();
    return i -> {
      int c = i % channels();
      double scale = Math.abs(gamma[c]) * inverse(c);
      double relative = Tolerance.ofVariance(pixels(), moments, c) / (variance[c] + Oracle.EPSILON) / 2;
      return Tolerance.of(0, magnitudes[i])
          + scale * Tolerance.ofMean(pixels(), moments, c)
          + scale * Math.abs(x[i] - mean[c]) * relative;
    };
  }

  /** Running statistics after a step, of which a share of {@code momentum} is {@code factor} times the batch's. */
  public static Real running(double[] before, double[] batch, double momentum, double factor) {
    var after = Real.zeros(batch.length);
    for (int c = 0; c < batch.length; c++) {
      after.add(c, (1 - momentum) * before[c], (1 - momentum) * Math.abs(before[c]));
      after.add(c, momentum * factor * batch[c], momentum * factor * Math.abs(batch[c]));
    }
    return after;
  }

  public Gradients gradients(double[] dys) {
    var dy = Real.given(dys);
    var found = new Gradients(Real.zeros(x.length), Real.zeros(channels()), Real.zeros(channels()));
    var normalized = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      int c = i % channels();
      normalized[i] = (x[i] - mean[c]) * inverse(c);
      found.dbeta.add(c, dy, i, 1);
      found.dgamma.add(c, dy, i, normalized[i]);
    }
    for (int i = 0; i < x.length; i++) {
      int c = i % channels();
      double scale = gamma[c] * inverse(c);
      found.dx.add(i, dy, i, scale);
      found.dx.add(i, found.dbeta, c, -scale / pixels());
      found.dx.add(i, found.dgamma, c, -scale * normalized[i] / pixels());
    }
    return found;
  }
}
