package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.program.PlainOp;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LinearTest {
  private final OpHarness harness = new OpHarness(Layout.WIDE);

  /** A linear layer is a 1x1 convolution of one pixel an image. */
  private static Convolution layer(int batch, int in, int out) {
    return new Convolution(batch, 1, 1, in, out, 1, 1, 0);
  }

  static Stream<Convolution> shapes() {
    return Stream.of(
        layer(1, 1, 1),
        layer(2, 7, 10),
        layer(3, 12, 13),
        layer(5, 13, 2),
        layer(1, 16, 100),
        layer(2, 17, 7),
        layer(40, 49, 13),
        layer(3, 80, 10),
        layer(1, 112, 3),
        layer(64, 132, 10),
        layer(2, 207, 40),
        layer(7, 342, 207));
  }

  private Operand weight(Convolution layer, Draws draws) {
    return harness.source("weight", draws.normal(layer.weights(), 0, 1));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void fprop(Convolution layer) {
    var draws = new Draws(layer.out());
    var x = harness.source("x", draws.normal(layer.batch() * layer.in(), 0, 1));
    var weight = weight(layer, draws);
    var bias = harness.source("bias", draws.normal(layer.out(), 0, 1));
    var y = harness.destination("y", layer.batch() * layer.out());
    var op =
        new PlainOp.LinearFprop(
            y.view(), x.view(), weight.view(), bias.view(), layer.batch(), layer.in(), layer.out());
    var expected = layer.fprop(Real.given(x.values()), weight.values());
    var biases = Real.given(bias.values());
    for (int i = 0; i < expected.size(); i++) {
      expected.add(i, biases, i % layer.out(), 1);
    }
    harness.run(List.of(op), outcome -> outcome.check(y, expected, layer.in()));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void dgrad(Convolution layer) {
    var draws = new Draws(layer.out());
    var dy = harness.source("dy", draws.normal(layer.batch() * layer.out(), 0, 0.1));
    var weight = weight(layer, draws);
    var dx = harness.destination("dx", layer.batch() * layer.in());
    var op =
        new PlainOp.LinearDgrad(dx.view(), dy.view(), weight.view(), layer.batch(), layer.in(), layer.out());
    var expected = layer.dgrad(Real.given(dy.values()), weight.values());
    harness.run(List.of(op), outcome -> outcome.check(dx, expected, layer.out()));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void wgrad(Convolution layer) {
    var draws = new Draws(layer.out());
    var dy = harness.source("dy", draws.normal(layer.batch() * layer.out(), 0, 0.1));
    var x = harness.source("x", draws.uniform(layer.batch() * layer.in(), 0, 2));
    var dweight = harness.destination("dweight", layer.weights());
    var dbias = harness.destination("dbias", layer.out());
    var op =
        new PlainOp.LinearWgrad(
            dweight.view(), dbias.view(), dy.view(), x.view(), layer.batch(), layer.in(), layer.out());
    var given = Real.given(dy.values());
    var expectedWeight = layer.wgrad(Real.given(x.values()), given);
    var expectedBias = Real.zeros(layer.out());
    for (int i = 0; i < given.size(); i++) {
      expectedBias.add(i % layer.out(), given, i, 1);
    }
    harness.run(
        List.of(op),
        outcome -> {
          outcome.check(dweight, expectedWeight, layer.batch());
          outcome.check(dbias, expectedBias, layer.batch());
        });
  }
}
