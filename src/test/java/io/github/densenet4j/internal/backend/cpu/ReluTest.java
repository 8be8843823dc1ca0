package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.program.PlainOp;
import java.util.List;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(names = {"TIGHT", "WIDE"})
record ReluTest(Layout layout) {
  @SizeSweep
  void fprop(int pixels, int channels) {
    var harness = new OpHarness(layout);
    var x = harness.source(harness.place("x", pixels, channels), values(pixels * channels));
    var y = harness.destination(harness.place("y", pixels, channels));
    var op = new PlainOp.ReluFprop(y.slice(), x.slice(), pixels, channels);
    harness.run(List.of(op), outcome -> outcome.check(y, Oracle.relu(x.values()), _ -> 0));
  }

  @SizeSweep
  void fpropInPlace(int pixels, int channels) {
    var harness = new OpHarness(layout);
    var x = harness.updated(harness.place("x", pixels, channels), values(pixels * channels));
    var op = new PlainOp.ReluFprop(x.slice(), x.slice(), pixels, channels);
    harness.run(List.of(op), outcome -> outcome.check(x, Oracle.relu(x.values()), _ -> 0));
  }

  /** A diverged training must not look healthy behind a ReLU. */
  @ParameterizedTest
  @ValueSource(ints = {1, 7, 13, 16, 207})
  void whatIsNotANumberStaysSo(int channels) {
    int pixels = 5;
    float[] values = values(pixels * channels);
    for (int i = 0; i < values.length; i += 3) {
      values[i] = i % 2 == 0 ? Float.NaN : -Float.NaN;
    }
    var harness = new OpHarness(layout);
    var x = harness.source(harness.place("x", pixels, channels), values);
    var y = harness.destination(harness.place("y", pixels, channels));
    var op = new PlainOp.ReluFprop(y.slice(), x.slice(), pixels, channels);
    harness.run(
        List.of(op),
        outcome -> {
          double[] result = outcome.values(y);
          for (int i = 0; i < result.length; i++) {
            assertThat(Double.isNaN(result[i])).as("%s: value %s", outcome.label(), i).isEqualTo(i % 3 == 0);
          }
        });
  }

  @SizeSweep
  void dgradFromTheInput(int pixels, int channels) {
    checkBackward(pixels, channels, values(pixels * channels));
  }

  @SizeSweep
  void dgradFromTheOutput(int pixels, int channels) {
    float[] output = values(pixels * channels);
    for (int i = 0; i < output.length; i++) {
      output[i] = Math.max(0, output[i]);
    }
    checkBackward(pixels, channels, output);
  }

  private void checkBackward(int pixels, int channels, float[] values) {
    var harness = new OpHarness(layout);
    float[] gradient = new Draws(2).normal(pixels * channels, 0, 1);
    var x = harness.source(harness.place("x", pixels, channels), values);
    var dy = harness.source(harness.place("dy", pixels, channels), gradient);
    var dx = harness.destination(harness.place("dx", pixels, channels));
    var op = new PlainOp.ReluDgrad(dx.slice(), dy.slice(), x.slice(), pixels, channels);
    double[] expected = gradient(x, dy);
    harness.run(List.of(op), outcome -> outcome.check(dx, expected, _ -> 0));
  }

  @SizeSweep
  void dgradInPlace(int pixels, int channels) {
    var harness = new OpHarness(layout);
    float[] gradient = new Draws(2).normal(pixels * channels, 0, 1);
    var x = harness.source(harness.place("x", pixels, channels), values(pixels * channels));
    var dx = harness.updated(harness.place("dx", pixels, channels), gradient);
    var op = new PlainOp.ReluDgrad(dx.slice(), dx.slice(), x.slice(), pixels, channels);
    double[] expected = gradient(x, dx);
    harness.run(List.of(op), outcome -> outcome.check(dx, expected, _ -> 0));
  }

  private static double[] gradient(Operand x, Operand dy) {
    double[] at = x.values();
    double[] gradient = dy.values();
    for (int i = 0; i < gradient.length; i++) {
      gradient[i] = at[i] > 0 ? gradient[i] : 0;
    }
    return gradient;
  }

  /** Values of either sign; every fifth is a zero of either sign, every eleventh is as small as can be. */
  private static float[] values(int count) {
    float[] values = new Draws(count).normal(count, 0, 1);
    for (int i = 0; i < count; i += 5) {
      values[i] = i % 2 == 0 ? 0 : -0f;
    }
    for (int i = 1; i < count; i += 11) {
      values[i] = i % 2 == 0 ? Float.MIN_VALUE : -Float.MIN_VALUE;
    }
    return values;
  }
}
