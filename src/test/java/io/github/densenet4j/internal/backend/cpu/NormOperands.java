package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.tensor.Affine;
import io.github.densenet4j.internal.tensor.Input;
import io.github.densenet4j.internal.tensor.Statistics;

/** The input of a BN+ReLU consumer, and that consumer's parameters. */
record NormOperands(
    Operand value, Operand mean, Operand variance, Operand scale, Operand shift, Operand gamma) {

  /** Steps of ordinary values. */
  static final double FINE = 1.0 / 64;

  /** Steps of values that often have equals. */
  static final double COARSE = 1.0 / 4;

  /**
   * Draws values about {@code centre}, a standard deviation of about 1 a channel, gammas of either sign, and a zero
   * gamma in every seventh channel, of which every second has pre-activations of exactly 0. With a {@code centre} other
   * than 0, channel 0 has a zero gamma too and is {@code centre} after BN+ReLU.
   *
   * <p>Values are multiples of {@code step}, and pre-activations are zero half-way between two of them: so an oracle in
   * double precision and a kernel in single agree on which side of its ReLU a value lies.
   */
  static NormOperands draw(OpHarness harness, Draws draws, Place place, double centre, double step) {
    int channels = place.channels();
    float[] mean = draws.normal(channels, centre, 1);
    float[] deviation = draws.uniform(channels, 0.5, 1.5);
    float[] strength = draws.uniform(channels, 0.5, 1.5);
    float[] zero = draws.normal(channels, 0, 0.7);
    float[] value = draws.normal(place.size(), 0, 1);
    var variance = new float[channels];
    var scale = new float[channels];
    var shift = new float[channels];
    var gamma = new float[channels];
    for (int c = 0; c < channels; c++) {
      variance[c] = deviation[c] * deviation[c];
      boolean constant = c == 0 && centre != 0;
      gamma[c] = constant || c % 7 == 5 ? 0 : c % 3 == 2 ? -strength[c] : strength[c];
      scale[c] = (float) (gamma[c] / Math.sqrt(variance[c] + Oracle.EPSILON));
      double crossing = (Math.rint((mean[c] + deviation[c] * zero[c]) / step) + 0.5) * step;
      shift[c] = (float) (constant ? centre : gamma[c] == 0 ? c % 2 * zero[c] : -scale[c] * crossing);
    }
    for (int i = 0; i < value.length; i++) {
      int c = i % channels;
      value[i] = (float) (Math.rint((mean[c] + deviation[c] * value[i]) / step) * step);
    }
    return new NormOperands(
        harness.source(place, value),
        harness.source("mean", mean),
        harness.source("variance", variance),
        harness.source("scale", scale),
        harness.source("shift", shift),
        harness.source("gamma", gamma));
  }

  Affine affine() {
    return new Affine(scale.view(), shift.view());
  }

  Input input() {
    return new Input(value.slice(), new Statistics(mean.view(), variance.view()), affine(), gamma.view());
  }

  Oracle.Norm values() {
    return new Oracle.Norm(
        value.values(), mean.values(), variance.values(), scale.values(), shift.values(), gamma.values());
  }
}
