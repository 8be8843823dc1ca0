package io.github.densenet4j.internal.backend.cpu;

/** Batch normalisation with ReLU, forward and backward, as plain loops over (pixels, channels) in double precision. */
final class Oracle {
  static final double EPSILON = 1e-5;

  private Oracle() {}

  /** What a BN+ReLU consumer knows of its input: values (pixels, channels), the rest a value a channel. */
  record Norm(double[] value, double[] mean, double[] variance, double[] scale, double[] shift, double[] gamma) {
    int channels() {
      return scale.length;
    }

    int pixels() {
      return value.length / channels();
    }

    double preactivation(int i) {
      return value[i] * scale[i % channels()] + shift[i % channels()];
    }

    double preactivationMagnitude(int i) {
      return Math.abs(value[i] * scale[i % channels()]) + Math.abs(shift[i % channels()]);
    }

    double normalized(int i) {
      int c = i % channels();
      return (value[i] - mean[c]) / Math.sqrt(variance[c] + EPSILON);
    }
  }

  /** A gradient before its correction: sum (pixels, channels), offset and slope a value a channel. */
  record Deferred(Real sum, Real offset, Real slope) {
    static Deferred zeros(int values, int channels) {
      return new Deferred(Real.zeros(values), Real.zeros(channels), Real.zeros(channels));
    }
  }

  record Consumed(Deferred gradient, Real dgamma, Real dbeta) {}

  static Real relu(Norm x) {
    var activation = Real.zeros(x.value().length);
    for (int i = 0; i < activation.size(); i++) {
      if (x.preactivation(i) > 0) {
        activation.add(i, x.preactivation(i), x.preactivationMagnitude(i));
      }
    }
    return activation;
  }

  /** The one correction of a deferred gradient of {@code y}, whose scale, shift and gamma play no part. */
  static Real corrected(Deferred gradient, Norm y) {
    int channels = gradient.offset().size();
    var corrected = Real.zeros(gradient.sum().size());
    for (int i = 0; i < corrected.size(); i++) {
      int c = i % channels;
      double inverse = 1 / Math.sqrt(y.variance()[c] + EPSILON);
      double difference = gradient.sum().value()[i] - gradient.offset().value()[c];
      double sloped = (y.value()[i] - y.mean()[c]) * inverse * gradient.slope().value()[c];
      corrected.add(i, difference * inverse, Math.abs(difference * inverse));
      corrected.add(i, -sloped * inverse, Math.abs(sloped * inverse));
    }
    return corrected;
  }

  /**
   * What a consumer of x does with the gradient of its ReLU's output.
   *
   * @param da (pixels, channels)
   * @param before what is added to, zeros if it is overwritten
   */
  static Consumed consume(Real da, Norm x, Deferred before) {
    int channels = x.channels();
    var consumed = new Consumed(before, Real.zeros(channels), Real.zeros(channels));
    for (int i = 0; i < da.size(); i++) {
      if (x.preactivation(i) > 0) {
        int c = i % channels;
        consumed.dbeta.add(c, da, i, 1);
        consumed.dgamma.add(c, da, i, x.normalized(i));
        before.sum().add(i, da, i, x.gamma()[c]);
      }
    }
    for (int c = 0; c < channels; c++) {
      before.offset().add(c, consumed.dbeta, c, x.gamma()[c] / x.pixels());
      before.slope().add(c, consumed.dgamma, c, x.gamma()[c] / x.pixels());
    }
    return consumed;
  }

  /** Batch normalisation with batch statistics: gamma * xhat + beta. */
  static double[] normalized(double[] x, double[] gamma, double[] beta) {
    int channels = gamma.length;
    var moments = Moments.of(x, channels);
    var y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      int c = i % channels;
      y[i] = gamma[c] * (x[i] - moments.mean()[c]) / Math.sqrt(moments.variance()[c] + EPSILON) + beta[c];
    }
    return y;
  }

  static double[] relu(double[] x) {
    var y = new double[x.length];
    for (int i = 0; i < y.length; i++) {
      y[i] = Math.max(0, x[i]);
    }
    return y;
  }
}
