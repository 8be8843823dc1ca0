package io.github.densenet4j.backend.cuda;

import io.github.densenet4j.backend.cpu.Draws;
import io.github.densenet4j.backend.cpu.Moments;
import io.github.densenet4j.backend.cpu.Tolerance;
import io.github.densenet4j.backend.cuda.CudaOpsTest.Shape;
import io.github.densenet4j.backend.cuda.OpTrial.Operand;
import io.github.densenet4j.program.PlainOp;
import io.github.densenet4j.tensor.Statistics;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Batch normalisation on the software CUDA device beside the processor's. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CudaNormalizationTest {
  private static final double EPSILON = 1e-5;
  private static final double MOMENTUM = 0.1;
  private static final double CENTRE = 3;

  private CudaBackend device;

  @BeforeAll
  void open() {
    SoftwareDevice.assumed();
    device = CudaBackend.software(CudaOptions.DEFAULT);
  }

  @AfterAll
  void close() {
    if (device != null) {
      device.close();
    }
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
    double unbiased = pixels / (pixels - 1.0);
    outcome.check(
        runningMean, c -> ofRunning(runningMean, moments.mean(), c) + MOMENTUM * Tolerance.ofMean(pixels, moments, c));
    outcome.check(
        runningVariance,
        c -> ofRunning(runningVariance, moments.variance(), c) + MOMENTUM * unbiased * ofVariance(pixels, moments, c));
    double[] values = x.values();
    outcome.check(y, i -> ofNormalized(values[i], gamma, beta, pixels, moments, i % channels));
  }

  /** Of one that comes by way of the inverse of its root, which cuDNN gives. */
  private static double ofVariance(int pixels, Moments moments, int channel) {
    return Tolerance.ofVariance(pixels, moments, channel) + Tolerance.of(0, moments.variance()[channel] + EPSILON);
  }

  /** Of the roundings of the sum of a share of the old value and one of the new. */
  private static double ofRunning(Operand running, double[] batch, int channel) {
    return Tolerance.of(0, Math.abs(running.values()[channel]) + Math.abs(batch[channel]));
  }

  /** The roundings of scale * x + shift, and what is due to the mean's and the variance's. */
  private static double ofNormalized(
      double value, Operand gamma, Operand beta, int pixels, Moments moments, int c) {
    double variance = moments.variance()[c] + EPSILON;
    double scale = Math.abs(gamma.values()[c]) / Math.sqrt(variance);
    double magnitude = scale * (Math.abs(value) + Math.abs(moments.mean()[c])) + Math.abs(beta.values()[c]);
    double relative = Tolerance.ofVariance(pixels, moments, c) / variance / 2;
    return Tolerance.of(0, magnitude)
        + scale * Tolerance.ofMean(pixels, moments, c)
        + scale * Math.abs(value - moments.mean()[c]) * relative;
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

    double inverse(int channel) {
      return 1 / Math.sqrt(variance.values()[channel] + EPSILON);
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
    double[] x = given.x.values();
    double[] mean = given.mean.values();
    double[] gamma = given.gamma.values();
    double[] offset = beta.values();
    trial.run(op, device)
        .check(
            y,
            i -> {
              int c = i % channels;
              double scale = Math.abs(gamma[c]) * given.inverse(c);
              return Tolerance.of(0, scale * (Math.abs(x[i]) + Math.abs(mean[c])) + Math.abs(offset[c]));
            });
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
    var magnitudes = Magnitudes.of(given, dy.values());
    outcome.check(dbeta, c -> Tolerance.of(pixels, magnitudes.dbeta[c]));
    outcome.check(dgamma, c -> Tolerance.of(pixels, magnitudes.dgamma[c]));
    outcome.check(dx, i -> Tolerance.of(pixels, magnitudes.dx[i]));
  }

  /** Sums of the absolute terms of each gradient. */
  private record Magnitudes(double[] dx, double[] dgamma, double[] dbeta) {
    static Magnitudes of(Given given, double[] dy) {
      int channels = given.gamma.channels();
      int pixels = dy.length / channels;
      double[] x = given.x.values();
      double[] mean = given.mean.values();
      double[] gamma = given.gamma.values();
      var sums = new Magnitudes(new double[dy.length], new double[channels], new double[channels]);
      var normalized = new double[dy.length];
      for (int i = 0; i < dy.length; i++) {
        int c = i % channels;
        normalized[i] = Math.abs(x[i] - mean[c]) * given.inverse(c);
        sums.dbeta[c] += Math.abs(dy[i]);
        sums.dgamma[c] += Math.abs(dy[i]) * normalized[i];
      }
      for (int i = 0; i < dy.length; i++) {
        int c = i % channels;
        double scale = Math.abs(gamma[c]) * given.inverse(c);
        sums.dx[i] = scale * (Math.abs(dy[i]) + (sums.dbeta[c] + normalized[i] * sums.dgamma[c]) / pixels);
      }
      return sums;
    }
  }
}
