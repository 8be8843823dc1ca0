package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.tensor.Extent;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@EnumSource(names = {"TIGHT", "WIDE"})
record AvgpoolTest(Layout layout) {
  /** A transition's windows of 2, the head's global ones, and windows that leave several rows over. */
  static Stream<Arguments> shapes() {
    return Stream.of(
        Arguments.of(new Pooling(1, 2, 2, 1), 2),
        Arguments.of(new Pooling(2, 3, 2, 7), 2),
        Arguments.of(new Pooling(3, 5, 7, 12), 2),
        Arguments.of(new Pooling(5, 8, 9, 13), 2),
        Arguments.of(new Pooling(2, 16, 16, 49), 2),
        Arguments.of(new Pooling(1, 7, 7, 207), 2),
        Arguments.of(new Pooling(33, 4, 5, 16), 2),
        Arguments.of(new Pooling(1, 1, 1, 1), 1),
        Arguments.of(new Pooling(2, 3, 3, 17), 3),
        Arguments.of(new Pooling(3, 7, 7, 13), 7),
        Arguments.of(new Pooling(5, 8, 8, 48), 8),
        Arguments.of(new Pooling(2, 7, 7, 207), 7),
        Arguments.of(new Pooling(1, 32, 32, 7), 32),
        Arguments.of(new Pooling(2, 8, 5, 12), 3),
        Arguments.of(new Pooling(2, 11, 7, 13), 4));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void fprop(Pooling shape, int window) {
    checkForward(shape, window, 0);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void fpropFarFromZero(Pooling shape, int window) {
    checkForward(shape, window, 100);
  }

  /** Far from zero all terms are nearly equal. */
  private void checkForward(Pooling shape, int window, double centre) {
    var harness = new OpHarness(layout);
    float[] values = new Draws(shape.channels()).normal(shape.pixels() * shape.channels(), centre, 1);
    var x = harness.source(harness.place("x", shape.pixels(), shape.channels()), values);
    var y = harness.destination(harness.place("y", shape.averagedPixels(window), shape.channels()));
    var op = new PlainOp.AvgpoolFprop(y.slice(), x.slice(), shape.extent(), shape.channels(), window);
    var expected = shape.average(Real.given(x.values()), window);
    int terms = window * window;
    int roundings = centre == 0 ? terms : Tolerance.ofEqualTerms(terms);
    harness.run(List.of(op), outcome -> outcome.check(y, expected, roundings));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void dgrad(Pooling shape, int window) {
    var harness = new OpHarness(layout);
    int pooled = shape.averagedPixels(window);
    float[] gradient = new Draws(shape.channels()).normal(pooled * shape.channels(), 0, 1);
    var dy = harness.source(harness.place("dy", pooled, shape.channels()), gradient);
    var dx = harness.destination(harness.place("dx", shape.pixels(), shape.channels()));
    var op = new PlainOp.AvgpoolDgrad(dx.slice(), dy.slice(), shape.extent(), shape.channels(), window);
    var expected = shape.averageGradient(Real.given(dy.values()), window);
    harness.run(List.of(op), outcome -> outcome.check(dx, expected, 0));
  }

  @Test
  void whatIsLeftOverGetsNoGradient() {
    var harness = new OpHarness(layout);
    var dy = harness.source(harness.place("dy", 1, 1), new float[] {4});
    var dx = harness.destination(harness.place("dx", 9, 1));
    var op = new PlainOp.AvgpoolDgrad(dx.slice(), dy.slice(), new Extent(1, 3, 3), 1, 2);
    harness.run(
        List.of(op), outcome -> assertThat(outcome.values(dx)).containsExactly(1, 1, 0, 1, 1, 0, 0, 0, 0));
  }
}
