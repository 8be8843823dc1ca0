package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.tensor.Statistics;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Backward operations against central differences, in double precision, of a loss that is the sum of factors times the
 * forward operation's output: those factors are the gradient that comes in.
 */
class PlainFiniteDifferenceTest {
  private static final int CHANNELS = 7;
  private static final Pooling INPUT = new Pooling(2, 5, 7, CHANNELS);

  private final OpHarness harness = new OpHarness(Layout.WIDE);
  private final Draws draws = new Draws(1);

  private Operand source(String name, int pixels, int channels) {
    return harness.source(harness.place(name, pixels, channels), draws.normal(pixels * channels, 0.3, 1));
  }

  private Operand destination(String name, int pixels, int channels) {
    return harness.destination(harness.place(name, pixels, channels));
  }

  /** What {@code gradient} should hold: the derivatives of {@code factors} times {@code forward} at {@code at}. */
  private record Expected(Operand gradient, double[] values) {
    static Expected of(Operand gradient, Operand factors, UnaryOperator<double[]> forward, Operand at) {
      double[] weights = factors.values();
      double[] values =
          FiniteDifferences.gradient(
              changed -> {
                double[] y = forward.apply(changed);
                double loss = 0;
                for (int i = 0; i < y.length; i++) {
                  loss += weights[i] * y[i];
                }
                return loss;
              },
              at.values());
      return new Expected(gradient, values);
    }
  }

  private void check(List<Op> ops, int roundings, Expected... expected) {
    harness.run(
        ops,
        outcome ->
            Arrays.stream(expected)
                .forEach(
                    e ->
                        FiniteDifferenceTest.check(
                            outcome.label() + " " + e.gradient.place().buffer().name(), outcome.values(e.gradient),
                            e.values, roundings)));
  }

  /** The statistics are functions of x too, and those that the forward operation wrote. */
  @Test
  void batchNormalisation() {
    int pixels = INPUT.pixels();
    var x = source("x", pixels, CHANNELS);
    var gamma = source("gamma", 1, CHANNELS);
    var beta = source("beta", 1, CHANNELS);
    var dy = source("dy", pixels, CHANNELS);
    var statistics =
        new Statistics(destination("mean", 1, CHANNELS).view(), destination("variance", 1, CHANNELS).view());
    var dx = destination("dx", pixels, CHANNELS);
    var dgamma = destination("dgamma", 1, CHANNELS);
    var dbeta = destination("dbeta", 1, CHANNELS);
    var running = harness.updated(harness.place("running", 1, 2 * CHANNELS), new float[2 * CHANNELS]);
    var forward =
        new PlainOp.BnFprop(
            destination("y", pixels, CHANNELS).slice(), statistics, running.view(), running.view().plusFloats(CHANNELS),
            x.slice(), gamma.view(), beta.view(), 0.1, pixels, CHANNELS);
    var backward =
        new PlainOp.BnDgrad(
            dx.slice(), dgamma.view(), dbeta.view(), dy.slice(), x.slice(), statistics, gamma.view(), pixels,
            CHANNELS);
    check(
        List.of(forward, backward),
        pixels,
        Expected.of(dx, dy, v -> Oracle.normalized(v, gamma.values(), beta.values()), x),
        Expected.of(dgamma, dy, v -> Oracle.normalized(x.values(), v, beta.values()), gamma),
        Expected.of(dbeta, dy, v -> Oracle.normalized(x.values(), gamma.values(), v), beta));
  }

  @ParameterizedTest
  @ValueSource(ints = {2, 3, 5})
  void averagePool(int window) {
    var dy = source("dy", INPUT.averagedPixels(window), CHANNELS);
    var dx = destination("dx", INPUT.pixels(), CHANNELS);
    var x = source("x", INPUT.pixels(), CHANNELS);
    check(
        List.of(new PlainOp.AvgpoolDgrad(dx.slice(), dy.slice(), INPUT.extent(), CHANNELS, window)),
        window * window,
        Expected.of(dx, dy, v -> INPUT.average(Real.given(v), window).value(), x));
  }

  /** All values of x are many steps apart. */
  @Test
  void maxPool() {
    var values = new float[INPUT.pixels() * CHANNELS];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) Math.sin(i) * i;
    }
    var x = harness.source(harness.place("x", INPUT.pixels(), CHANNELS), values);
    var dy = source("dy", INPUT.largestPixels(), CHANNELS);
    var dx = destination("dx", INPUT.pixels(), CHANNELS);
    check(
        List.of(new PlainOp.MaxpoolDgrad(dx.slice(), dy.slice(), x.slice(), INPUT.extent(), CHANNELS)),
        4,
        Expected.of(dx, dy, v -> Pooling.pick(Real.given(v), INPUT.largest(v)).value(), x));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 3})
  void convolution(int kernel) {
    var shape = new Convolution(2, 5, 4, CHANNELS, 5, kernel, 1, kernel / 2);
    var x = source("x", shape.pixels(), shape.in());
    var weight = source("weight", 1, shape.weights());
    var dy = source("dy", shape.outPixels(), shape.out());
    var dx = destination("dx", shape.pixels(), shape.in());
    var dweight = destination("dweight", 1, shape.weights());
    var dgrad =
        new PlainOp.ConvDgrad(
            dx.slice(), dy.slice(), weight.view(), shape.extent(), shape.in(), shape.out(), kernel);
    var wgrad =
        new PlainOp.ConvWgrad(
            dweight.view(), dy.slice(), x.slice(), shape.extent(), shape.in(), shape.out(), kernel, 1, kernel / 2);
    check(
        List.of(wgrad, dgrad),
        shape.window() + shape.outPixels(),
        Expected.of(dx, dy, v -> shape.fprop(Real.given(v), weight.values()).value(), x),
        Expected.of(dweight, dy, v -> shape.fprop(Real.given(x.values()), v).value(), weight));
  }
}
