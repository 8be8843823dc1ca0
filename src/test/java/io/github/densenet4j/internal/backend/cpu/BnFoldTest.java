package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.tensor.Affine;
import io.github.densenet4j.internal.tensor.Statistics;
import java.util.List;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(names = {"TIGHT", "WIDE"})
record BnFoldTest(Layout layout) {
  private static final double MOMENTUM = 0.1;

  /** Statistics of {@code channels} channels, and what they are folded with. */
  private record Operands(
      Operand mean, Operand variance, Operand gamma, Operand beta, Operand scale, Operand shift) {
    static Operands draw(OpHarness harness, Draws draws, int channels, double centre) {
      return new Operands(
          harness.source("mean", draws.normal(channels, centre, 1)),
          harness.source("variance", draws.uniform(channels, 0, 2)),
          harness.source("gamma", draws.normal(channels, 0, 1)),
          harness.source("beta", draws.normal(channels, 0, 1)),
          harness.destination("scale", channels),
          harness.destination("shift", channels));
    }

    Affine affine() {
      return new Affine(scale.view(), shift.view());
    }

    void check(Outcome outcome) {
      double[] means = mean.values();
      double[] variances = variance.values();
      var gammas = Real.given(gamma.values());
      var expectedScale = Real.zeros(means.length);
      var expectedShift = Real.given(beta.values());
      for (int c = 0; c < means.length; c++) {
        expectedScale.add(c, gammas, c, 1 / Math.sqrt(variances[c] + Oracle.EPSILON));
        expectedShift.add(c, expectedScale, c, -means[c]);
      }
      outcome.check(scale, expectedScale, 0);
      outcome.check(shift, expectedShift, 0);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "1, 2, 0", "7, 3, 0", "12, 5, 100", "13, 64, 0", "16, 1000, 100", "17, 49, 0", "48, 100, 0", "49, 7, 100",
    "207, 65536, 0"
  })
  void finalizeFoldsBatchStatisticsAndUpdatesRunningOnes(int channels, int pixels, double centre) {
    var harness = new OpHarness(layout);
    var draws = new Draws(channels);
    var bn = Operands.draw(harness, draws, channels, centre);
    var runningMean = running(harness, "running mean", draws.normal(channels, centre, 1));
    var runningVariance = running(harness, "running variance", draws.uniform(channels, 0, 2));
    var op =
        new FusedOp.BnFinalize(
            bn.affine(), runningMean.view(), runningVariance.view(),
            new Statistics(bn.mean.view(), bn.variance.view()), bn.gamma.view(), bn.beta.view(), MOMENTUM, pixels,
            channels);
    var expectedMean = blend(runningMean, bn.mean, 1);
    var expectedVariance = blend(runningVariance, bn.variance, pixels / (pixels - 1.0));
    harness.run(
        List.of(op),
        outcome -> {
          bn.check(outcome);
          outcome.check(runningMean, expectedMean, 0);
          outcome.check(runningVariance, expectedVariance, 0);
        });
  }

  private static Operand running(OpHarness harness, String name, float[] values) {
    return harness.updated(harness.place(name, 1, values.length), values);
  }

  private static Real blend(Operand running, Operand batch, double factor) {
    var before = Real.given(running.values());
    var added = Real.given(batch.values());
    var blended = Real.zeros(before.size());
    for (int c = 0; c < blended.size(); c++) {
      blended.add(c, before, c, 1 - MOMENTUM);
      blended.add(c, added, c, MOMENTUM * factor);
    }
    return blended;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 7, 12, 13, 16, 17, 48, 49, 80, 112, 207})
  void foldUsesRunningStatistics(int channels) {
    var harness = new OpHarness(layout);
    var bn = Operands.draw(harness, new Draws(channels), channels, channels % 2 * 100);
    var op =
        new FusedOp.BnFold(
            bn.affine(), bn.mean.view(), bn.variance.view(), bn.gamma.view(), bn.beta.view(), channels);
    harness.run(List.of(op), bn::check);
  }
}
