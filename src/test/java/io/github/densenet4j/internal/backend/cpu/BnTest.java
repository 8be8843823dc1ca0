package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.tensor.Statistics;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

@ParameterizedClass
@EnumSource(names = {"TIGHT", "WIDE"})
record BnTest(Layout layout) {
  private static final double MOMENTUM = 0.1;

  /** x, and the operands that forward and backward have in common. */
  private record Operands(Operand x, Operand gamma, Operand beta, Operand mean, Operand variance) {
    /** Statistics are written by the operation under test. */
    static Operands measured(OpHarness harness, int pixels, int channels, double centre) {
      return draw(
          harness, pixels, channels, centre,
          harness.destination("mean", channels), harness.destination("variance", channels));
    }

    /** Statistics that are not quite those of x. */
    static Operands given(OpHarness harness, int pixels, int channels, double centre) {
      var draws = new Draws(pixels);
      return draw(
          harness, pixels, channels, centre,
          harness.source("mean", draws.normal(channels, centre, 0.3)),
          harness.source("variance", draws.uniform(channels, 0, 2)));
    }

    /** Every seventh channel is constant: its variance is 0. */
    private static Operands draw(
        OpHarness harness, int pixels, int channels, double centre, Operand mean, Operand variance) {
      var draws = new Draws(channels);
      float[] values = draws.normal(pixels * channels, centre, 1);
      for (int i = 0; i < values.length; i++) {
        values[i] = i % channels % 7 == 6 ? values[i % channels] : values[i];
      }
      return new Operands(
          harness.source(harness.place("x", pixels, channels), values),
          harness.source("gamma", draws.normal(channels, 0, 1)),
          harness.source("beta", draws.normal(channels, 0, 1)),
          mean,
          variance);
    }

    Statistics statistics() {
      return new Statistics(mean.view(), variance.view());
    }

    /** With given statistics. */
    BnOracle oracle() {
      return new BnOracle(x.values(), mean.values(), variance.values(), gamma.values());
    }

    int channels() {
      return gamma.words().length;
    }

    int pixels() {
      return x.place().pixels();
    }
  }

  @SizeSweep
  void fprop(int pixels, int channels) {
    checkForward(pixels, channels, 0);
  }

  @SizeSweep
  void fpropFarFromZero(int pixels, int channels) {
    checkForward(pixels, channels, 100);
  }

  private void checkForward(int pixels, int channels, double centre) {
    var harness = new OpHarness(layout);
    var draws = new Draws(pixels);
    var bn = Operands.measured(harness, pixels, channels, centre);
    var runningMean = harness.updated(harness.place("running mean", 1, channels), draws.normal(channels, centre, 1));
    var runningVariance =
        harness.updated(harness.place("running variance", 1, channels), draws.uniform(channels, 0, 2));
    var y = harness.destination(harness.place("y", pixels, channels));
    var op = fprop(bn, y, runningMean, runningVariance);
    var moments = Moments.of(bn.x.values(), channels);
    double[] expected = Oracle.normalized(bn.x.values(), bn.gamma.values(), bn.beta.values());
    var tolerance =
        new BnOracle(bn.x.values(), moments.mean(), moments.variance(), bn.gamma.values())
            .ofNormalized(bn.beta.values(), moments);
    double unbiased = pixels / (pixels - 1.0);
    harness.run(
        List.of(op),
        outcome -> {
          outcome.checkStatistics(bn.x, bn.mean, bn.variance);
          outcome.check(y, expected, tolerance);
          checkRunning(outcome, runningMean, moments.mean(), 1, c -> Tolerance.ofMean(pixels, moments, c));
          checkRunning(
              outcome, runningVariance, moments.variance(), unbiased, c -> Tolerance.ofVariance(pixels, moments, c));
        });
  }

  private static PlainOp fprop(Operands bn, Operand y, Operand runningMean, Operand runningVariance) {
    return new PlainOp.BnFprop(
        y.slice(), bn.statistics(), runningMean.view(), runningVariance.view(), bn.x.slice(), bn.gamma.view(),
        bn.beta.view(), MOMENTUM, bn.pixels(), bn.channels());
  }

  private static void checkRunning(
      Outcome outcome, Operand running, double[] batch, double factor, Tolerance.OfValue ofBatch) {
    var expected = BnOracle.running(running.values(), batch, MOMENTUM, factor);
    outcome.check(
        running, expected.value(),
        c -> Tolerance.of(0, expected.magnitude()[c]) + MOMENTUM * factor * ofBatch.at(c));
  }

  /** A tensor that is recomputed with saved statistics has the bits that it had. */
  @SizeSweep
  void inferRepeatsFprop(int pixels, int channels) {
    var harness = new OpHarness(layout);
    var bn = Operands.measured(harness, pixels, channels, 3);
    var runningMean = harness.updated(harness.place("running mean", 1, channels), new float[channels]);
    var runningVariance = harness.updated(harness.place("running variance", 1, channels), new float[channels]);
    var y = harness.destination(harness.place("y", pixels, channels));
    var again = harness.destination(harness.place("y again", pixels, channels));
    harness.run(
        List.of(fprop(bn, y, runningMean, runningVariance), infer(bn, again)),
        outcome ->
            assertThat(Arrays.mismatch(outcome.values(again), outcome.values(y)))
                .as("%s: first value that differs", outcome.label())
                .isEqualTo(-1));
  }

  private static PlainOp infer(Operands bn, Operand y) {
    return new PlainOp.BnInfer(
        y.slice(), bn.x.slice(), bn.statistics(), bn.gamma.view(), bn.beta.view(), bn.pixels(), bn.channels());
  }

  @SizeSweep
  void infer(int pixels, int channels) {
    checkInference(pixels, channels, 0);
  }

  @SizeSweep
  void inferFarFromZero(int pixels, int channels) {
    checkInference(pixels, channels, 100);
  }

  private void checkInference(int pixels, int channels, double centre) {
    var harness = new OpHarness(layout);
    var bn = Operands.given(harness, pixels, channels, centre);
    var y = harness.destination(harness.place("y", pixels, channels));
    var expected = bn.oracle().normalized(bn.beta.values());
    harness.run(List.of(infer(bn, y)), outcome -> outcome.check(y, expected, 0));
  }

  @SizeSweep
  void dgrad(int pixels, int channels) {
    checkBackward(pixels, channels, 0);
  }

  @SizeSweep
  void dgradFarFromZero(int pixels, int channels) {
    checkBackward(pixels, channels, 100);
  }

  private void checkBackward(int pixels, int channels, double centre) {
    var harness = new OpHarness(layout);
    var bn = Operands.given(harness, pixels, channels, centre);
    var dy = harness.source(harness.place("dy", pixels, channels), new Draws(2).normal(pixels * channels, 0.1, 1));
    var dx = harness.destination(harness.place("dx", pixels, channels));
    var dgamma = harness.destination("dgamma", channels);
    var dbeta = harness.destination("dbeta", channels);
    var op =
        new PlainOp.BnDgrad(
            dx.slice(), dgamma.view(), dbeta.view(), dy.slice(), bn.x.slice(), bn.statistics(), bn.gamma.view(),
            pixels, channels);
    var expected = bn.oracle().gradients(dy.values());
    harness.run(
        List.of(op),
        outcome -> {
          outcome.check(dbeta, expected.dbeta(), pixels);
          outcome.check(dgamma, expected.dgamma(), pixels);
          outcome.check(dx, expected.dx(), pixels);
        });
  }
}
