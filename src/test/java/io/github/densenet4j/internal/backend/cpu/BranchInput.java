package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.tensor.ChannelSlice;
import io.github.densenet4j.internal.tensor.Extent;
import io.github.densenet4j.internal.tensor.Gradient;
import io.github.densenet4j.internal.tensor.Statistics;

/** A tensor x with several consumers, its statistics and its deferred gradient, which they share. */
record BranchInput(
    Extent extent, Operand value, Operand mean, Operand variance, Operand sum, Operand offset, Operand slope) {

  static BranchInput draw(OpHarness harness, Draws draws, Extent extent, int channels) {
    int pixels = Math.toIntExact(extent.pixels());
    var value = harness.source(harness.place("x", pixels, channels), draws.normal(pixels * channels, 1, 1.5));
    var moments = Moments.of(value.values(), channels);
    return new BranchInput(
        extent,
        value,
        harness.source("x mean", floats(moments.mean())),
        harness.source("x variance", floats(moments.variance())),
        harness.destination(harness.place("dx sum", pixels, channels)),
        harness.destination("dx offset", channels),
        harness.destination("dx slope", channels));
  }

  static float[] floats(double[] values) {
    var floats = new float[values.length];
    for (int i = 0; i < floats.length; i++) {
      floats[i] = (float) values[i];
    }
    return floats;
  }

  ChannelSlice slice() {
    return value.slice();
  }

  Statistics statistics() {
    return new Statistics(mean.view(), variance.view());
  }

  Gradient gradient() {
    return new Gradient(sum.slice(), offset.view(), slope.view());
  }

  /** The first {@code channels} channels of every pixel of {@code x}. */
  double[] prefix(double[] x, int channels) {
    int all = value.place().channels();
    var prefix = new double[x.length / all * channels];
    for (int i = 0; i < prefix.length; i++) {
      prefix[i] = x[i / channels * all + i % channels];
    }
    return prefix;
  }

  /** The gradient that the consumers left behind, corrected. */
  double[] corrected(Outcome outcome) {
    var deferred =
        new Oracle.Deferred(
            Real.given(outcome.values(sum)), Real.given(outcome.values(offset)), Real.given(outcome.values(slope)));
    var ones = new double[value.place().channels()];
    var norm = new Oracle.Norm(value.values(), mean.values(), variance.values(), ones, ones, ones);
    return Oracle.corrected(deferred, norm).value();
  }
}
