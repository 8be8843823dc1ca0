package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.tensor.Gradient;
import io.github.densenet4j.internal.tensor.Output;
import io.github.densenet4j.internal.tensor.Statistics;
import java.util.Arrays;

/**
 * A tensor y that a branch writes, and the loss behind it: the sum of {@code factors} times y normalised with its batch
 * statistics. The gradient of that loss is the deferred one that a BN consumer of y leaves, up to its correction.
 */
record BranchOutput(
    Operand value, Operand mean, Operand variance, Operand factors, Operand offset, Operand slope) {

  /** @param expected y, to tell how the loss depends on its statistics */
  static BranchOutput draw(OpHarness harness, Draws draws, double[] expected, int channels) {
    int pixels = expected.length / channels;
    var factors =
        harness.source(harness.place("y factors", pixels, channels), draws.normal(pixels * channels, 0, 1));
    double[] normalized = normalized(expected, channels);
    var offset = new double[channels];
    var slope = new double[channels];
    for (int i = 0; i < expected.length; i++) {
      offset[i % channels] += factors.values()[i] / pixels;
      slope[i % channels] += factors.values()[i] * normalized[i] / pixels;
    }
    return new BranchOutput(
        harness.destination(harness.place("y", pixels, channels)),
        harness.destination("y mean", channels),
        harness.destination("y variance", channels),
        factors,
        harness.source("y offset", BranchInput.floats(offset)),
        harness.source("y slope", BranchInput.floats(slope)));
  }

  Statistics statistics() {
    return new Statistics(mean.view(), variance.view());
  }

  Output output() {
    return new Output(new Gradient(factors.slice(), offset.view(), slope.view()), value.slice(), statistics());
  }

  double loss(double[] y) {
    double[] normalized = normalized(y, value.place().channels());
    double[] weights = factors.values();
    double loss = 0;
    for (int i = 0; i < y.length; i++) {
      loss += weights[i] * normalized[i];
    }
    return loss;
  }

  private static double[] normalized(double[] y, int channels) {
    var ones = new double[channels];
    Arrays.fill(ones, 1);
    return Oracle.normalized(y, ones, new double[channels]);
  }
}
