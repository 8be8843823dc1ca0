package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.tensor.Affine;
import io.github.densenet4j.internal.tensor.Statistics;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@EnumSource(names = {"TIGHT", "WIDE"})
record BnReluMaxpoolTest(Layout layout) {
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
        new Pooling(2, 13, 13, 64),
        new Pooling(1, 16, 32, 80),
        new Pooling(2, 5, 3, 207),
        new Pooling(33, 3, 3, 7),
        new Pooling(2, 32, 31, 12));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void fprop(Pooling shape) {
    var harness = new OpHarness(layout);
    var x = draw(harness, shape);
    var norm = x.values();
    int[] largest = shape.largest(preactivations(norm));
    checkForward(harness, shape, x.value(), x.affine(), Pooling.pick(Oracle.relu(norm), largest));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void fpropFarFromZero(Pooling shape) {
    var harness = new OpHarness(layout);
    float[] values = new Draws(1).normal(shape.pixels() * shape.channels(), 100, 1);
    var x = harness.source(harness.place("x", shape.pixels(), shape.channels()), values);
    var ones = new float[shape.channels()];
    Arrays.fill(ones, 1);
    var affine =
        new Affine(
            harness.source("scale", ones).view(), harness.source("shift", new float[shape.channels()]).view());
    checkForward(
        harness, shape, x, affine, Pooling.pick(Real.given(x.values()), shape.largest(x.values())));
  }

  private static void checkForward(OpHarness harness, Pooling shape, Operand x, Affine affine, Real expected) {
    var y = harness.destination(harness.place("y", shape.largestPixels(), shape.channels()));
    var mean = harness.destination("y mean", shape.channels());
    var variance = harness.destination("y variance", shape.channels());
    var op =
        new FusedOp.BnReluMaxpoolFprop(
            y.slice(), new Statistics(mean.view(), variance.view()), x.slice(), affine, shape.extent(),
            shape.channels());
    harness.run(
        List.of(op),
        outcome -> {
          outcome.check(y, expected, 0);
          outcome.checkStatistics(y, mean, variance);
        });
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void fpropWithoutStatistics(Pooling shape) {
    var harness = new OpHarness(layout);
    var x = draw(harness, shape);
    var y = harness.destination(harness.place("y", shape.largestPixels(), shape.channels()));
    var op =
        new FusedOp.BnReluMaxpoolFprop(
            y.slice(), Statistics.NONE, x.value().slice(), x.affine(), shape.extent(), shape.channels());
    var expected = Pooling.pick(Oracle.relu(x.values()), shape.largest(preactivations(x.values())));
    harness.run(List.of(op), outcome -> outcome.check(y, expected, 0));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void dgrad(Pooling shape) {
    checkBackward(shape, false);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void dgradAddedToAnother(Pooling shape) {
    checkBackward(shape, true);
  }

  private void checkBackward(Pooling shape, boolean accumulate) {
    var harness = new OpHarness(layout);
    var draws = new Draws(2);
    var x = draw(harness, shape);
    Place value = harness.place("y", shape.largestPixels(), shape.channels());
    Place sum = harness.place("y sum", shape.largestPixels(), shape.channels());
    var y = OutputOperands.draw(harness, draws, sum, value, 0);
    Place dxSum = harness.place("dx sum", shape.pixels(), shape.channels());
    var dx = GradientOperands.draw(harness, draws, dxSum, accumulate);
    var op =
        new FusedOp.BnReluMaxpoolDgrad(dx.inputGradient(), y.output(), x.input(), shape.extent(), shape.channels());
    var norm = x.values();
    var da = shape.pickGradient(y.gradient(), shape.largest(preactivations(norm)));
    harness.run(List.of(op), outcome -> dx.check(outcome, da, norm, 4));
  }

  /** Coarse steps, so that windows often have several largest values. */
  private static NormOperands draw(OpHarness harness, Pooling shape) {
    Place place = harness.place("x", shape.pixels(), shape.channels());
    return NormOperands.draw(harness, new Draws(shape.channels()), place, 0, NormOperands.COARSE);
  }

  private static double[] preactivations(Oracle.Norm x) {
    return IntStream.range(0, x.value().length).mapToDouble(x::preactivation).toArray();
  }
}
