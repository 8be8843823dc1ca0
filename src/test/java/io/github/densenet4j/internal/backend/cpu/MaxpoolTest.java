package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.tensor.Extent;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@EnumSource(names = {"TIGHT", "WIDE"})
record MaxpoolTest(Layout layout) {
  /** Of values that often have equals. */
  private static final double STEP = 0.5;

  static Stream<Pooling> shapes() {
    return Stream.of(
        new Pooling(1, 1, 1, 1),
        new Pooling(2, 2, 1, 7),
        new Pooling(3, 2, 3, 12),
        new Pooling(5, 3, 5, 13),
        new Pooling(1, 5, 2, 16),
        new Pooling(2, 7, 8, 17),
        new Pooling(1, 8, 9, 48),
        new Pooling(3, 9, 7, 49),
        new Pooling(1, 16, 32, 80),
        new Pooling(2, 5, 3, 207),
        new Pooling(33, 3, 3, 7),
        new Pooling(2, 32, 31, 12));
  }

  /** About -2, so that in many windows all values are less than a padding of zeros. */
  private static Operand draw(OpHarness harness, Pooling shape) {
    float[] values = new Draws(shape.channels()).normal(shape.pixels() * shape.channels(), -2, 1);
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (Math.rint(values[i] / STEP) * STEP);
    }
    return harness.source(harness.place("x", shape.pixels(), shape.channels()), values);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void fprop(Pooling shape) {
    var harness = new OpHarness(layout);
    var x = draw(harness, shape);
    var y = harness.destination(harness.place("y", shape.largestPixels(), shape.channels()));
    var op = new PlainOp.MaxpoolFprop(y.slice(), x.slice(), shape.extent(), shape.channels());
    var expected = Pooling.pick(Real.given(x.values()), shape.largest(x.values()));
    harness.run(List.of(op), outcome -> outcome.check(y, expected.value(), _ -> 0));
  }

  /** Windows overlap by a row and a column: up to four gradients meet in a value. */
  @ParameterizedTest
  @MethodSource("shapes")
  void dgrad(Pooling shape) {
    var harness = new OpHarness(layout);
    var x = draw(harness, shape);
    float[] gradient = new Draws(2).normal(shape.largestPixels() * shape.channels(), 0, 1);
    var dy = harness.source(harness.place("dy", shape.largestPixels(), shape.channels()), gradient);
    var dx = harness.destination(harness.place("dx", shape.pixels(), shape.channels()));
    var op = new PlainOp.MaxpoolDgrad(dx.slice(), dy.slice(), x.slice(), shape.extent(), shape.channels());
    var expected = shape.pickGradient(Real.given(dy.values()), shape.largest(x.values()));
    harness.run(List.of(op), outcome -> outcome.check(dx, expected, 4));
  }

  @Test
  void amongEqualsTheFirstTakesTheGradient() {
    var harness = new OpHarness(layout);
    var x = harness.source(harness.place("x", 9, 1), new float[] {-1, -1, -1, -1, -1, -1, -1, -1, -1});
    var dy = harness.source(harness.place("dy", 4, 1), new float[] {1, 2, 4, 8});
    var dx = harness.destination(harness.place("dx", 9, 1));
    var op = new PlainOp.MaxpoolDgrad(dx.slice(), dy.slice(), x.slice(), new Extent(1, 3, 3), 1);
    harness.run(
        List.of(op), outcome -> assertThat(outcome.values(dx)).containsExactly(1, 2, 0, 4, 8, 0, 0, 0, 0));
  }
}
