package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.internal.backend.cpu.BnOracle;
import io.github.densenet4j.internal.backend.cpu.Draws;
import io.github.densenet4j.internal.backend.cpu.Moments;
import io.github.densenet4j.internal.backend.cpu.Operand;
import io.github.densenet4j.internal.backend.cpu.Tolerance;
import io.github.densenet4j.internal.backend.cuda.CudaOpsTest.Shape;
import io.github.densenet4j.internal.backend.cuda.OpTrial.Comparison;
import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.tensor.Statistics;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Batch normalisation on the software CUDA device beside the processor's. */
@Tag("cuda")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CudaNormalizationTest {
  private static final double EPSILON = 1e-5;
  private static final double MOMENTUM = 0.1;
  private static final double CENTRE = 3;

  @AutoClose private CudaBackend device;

  @BeforeAll
  void open() {
    SoftwareDevice.required();
    device = CudaBackend.software(CudaOptions.DEFAULT);
  }

  static Stream<Shape> shapes() {
    return Shape.sweep();
  }

  /** About a mean that is not 0; every seventh channel is constant, with a variance of 0. */
  private static float[] input(Shape shape) {
    int channels = shape.channels();
    float[] values = shape.draws().normal(shape.pixels() * channels, CENTRE, 1);
    for (int i = 0; i < values.length; i++) {
      values[i] = i % channels % 7 == 6 ? values[i % channels] : values[i];
    }
    return values;
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void fprop(Shape shape) {
    int channels = shape.channels();
    int pixels = shape.pixels();
    var trial = shape.trial();
    var draws = new Draws(channels);
    var x = trial.source("x", channels, input(shape));
    var gamma = trial.source("gamma", draws.normal(channels, 0, 1));
    var beta = trial.source("beta", draws.normal(channels, 0, 1));
    var runningMean = trial.updated("running mean", draws.normal(channels, CENTRE, 1));
    var runningVariance = trial.updated("running variance", draws.uniform(channels, 0, 2));
    var mean = trial.destination("mean", channels);
    var variance = trial.destination("variance", channels);
    var y = trial.destination("y", pixels, channels);
    var op =
        new PlainOp.BnFprop(
            y.slice(), new Statistics(mean.view(), variance.view()), runningMean.view(), runningVariance.view(),
            x.slice(), gamma.view(), beta.view(), MOMENTUM, pixels, channels);
    var outcome = trial.run(op, device);
    var moments = Moments.of(x.values(), channels);
    outcome.check(mean, c -> Tolerance.ofMean(pixels, moments, c));
    outcome.check(variance, c -> ofVariance(pixels, moments, c));
    checkRunning(outcome, runningMean, moments.mean(), 1, c -> Tolerance.ofMean(pixels, moments, c));
    double unbiased = pixels / (pixels - 1.0);
    checkRunning(
        outcome, runningVariance, moments.variance(), unbiased, c -> Tolerance.ofVariance(pixels, moments, c));
    var measured = new BnOracle(x.values(), moments.mean(), moments.variance(), gamma.values());
    outcome.check(y, measured.ofNormalized(beta.values(), moments));
  }

  /** Of one that comes by way of the inverse of its root, which cuDNN gives. */
  private static double ofVariance(int pixels, Moments moments, int channel) {
    return Tolerance.ofVariance(pixels, moments, channel) + Tolerance.of(0, moments.variance()[channel] + EPSILON);
  }

  private static void checkRunning(
      Comparison outcome, Operand running, double[] batch, double factor, Tolerance.OfValue ofBatch) {
    double[] magnitudes = BnOracle.running(running.values(), batch, MOMENTUM, factor).magnitude();
    outcome.check(running, c -> Tolerance.of(0, magnitudes[c]) + MOMENTUM * factor * ofBatch.at(c));
  }

  /** Operands with statistics that are not quite those of x. */
  private record Given(Operand x, Operand mean, Operand variance, Operand gamma) {
    static Given draw(OpTrial trial, Shape shape) {
      int channels = shape.channels();
      var draws = new Draws(shape.pixels());
      return new Given(
          trial.source("x", channels, input(shape)),
          trial.source("mean", draws.normal(channels, CENTRE, 0.3)),
          trial.source("variance", draws.uniform(channels, 0, 2)),
          trial.source("gamma", draws.normal(channels, 0, 1)));
    }

    Statistics statistics() {
      return new Statistics(mean.view(), variance.view());
    }

    BnOracle oracle() {
      return new BnOracle(x.values(), mean.values(), variance.values(), gamma.values());
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void infer(Shape shape) {
    int channels = shape.channels();
    var trial = shape.trial();
    var given = Given.draw(trial, shape);
    var beta = trial.source("beta", new Draws(5).normal(channels, 0, 1));
    var y = trial.destination("y", shape.pixels(), channels);
    var op =
        new PlainOp.BnInfer(
            y.slice(), given.x.slice(), given.statistics(), given.gamma.view(), beta.view(), shape.pixels(), channels);
    double[] magnitudes = given.oracle().normalized(beta.values()).magnitude();
    trial.run(op, device).check(y, i -> Tolerance.of(0, magnitudes[i]));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void dgrad(Shape shape) {
    int channels = shape.channels();
    int pixels = shape.pixels();
    var trial = shape.trial();
    var given = Given.draw(trial, shape);
    var dy = trial.source("dy", channels, new Draws(2).normal(pixels * channels, 0.1, 1));
    var dx = trial.destination("dx", pixels, channels);
    var dgamma = trial.destination("dgamma", channels);
    var dbeta = trial.destination("dbeta", channels);
    var op =
        new PlainOp.BnDgrad(
            dx.slice(), dgamma.view(), dbeta.view(), dy.slice(), given.x.slice(), given.statistics(),
            given.gamma.view(), pixels, channels);
    var outcome = trial.run(op, device);
    var expected = given.oracle().gradients(dy.values());
    outcome.check(dbeta, c -> Tolerance.of(pixels, expected.dbeta().magnitude()[c]));
    outcome.check(dgamma, c -> Tolerance.of(pixels, expected.dgamma().magnitude()[c]));
    outcome.check(dx, i -> Tolerance.of(pixels, expected.dx().magnitude()[i]));
  }
}
