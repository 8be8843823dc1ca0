package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.tensor.Gradient;
import io.github.densenet4j.internal.tensor.Output;
import io.github.densenet4j.internal.tensor.Statistics;

/** A tensor that a convolution wrote, as its backward pass finds it. */
record OutputOperands(Operand sum, Operand offset, Operand slope, Operand value, Operand mean, Operand variance) {
  static OutputOperands draw(OpHarness harness, Draws draws, Place sum, Place value, double centre) {
    int channels = value.channels();
    return new OutputOperands(
        harness.source(sum, draws.normal(sum.size(), 0, 1)),
        harness.source("y offset", draws.normal(channels, 0, 0.3)),
        harness.source("y slope", draws.normal(channels, 0, 0.3)),
        harness.source(value, draws.normal(value.size(), centre, 1)),
        harness.source("y mean", draws.normal(channels, centre, 0.1)),
        harness.source("y variance", draws.uniform(channels, 0.5, 2)));
  }

  Output output() {
    return new Output(
        new Gradient(sum.slice(), offset.view(), slope.view()),
        value.slice(),
        new Statistics(mean.view(), variance.view()));
  }

  /** The corrected gradient, (pixels, channels). */
  Real gradient() {
    var deferred =
        new Oracle.Deferred(Real.given(sum.values()), Real.given(offset.values()), Real.given(slope.values()));
    var ones = new double[offset.words().length];
    return Oracle.corrected(
        deferred, new Oracle.Norm(value.values(), mean.values(), variance.values(), ones, ones, ones));
  }
}
