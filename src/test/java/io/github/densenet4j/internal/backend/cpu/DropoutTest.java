package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.tensor.ChannelSlice;
import io.github.densenet4j.internal.tensor.Dropout;
import java.util.List;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@ParameterizedClass
@EnumSource(names = {"TIGHT", "WIDE"})
record DropoutTest(Layout layout) {
  private static final Control CONTROL = new Control(0.1, 0x1_2345_6789L, 0x9876_5432_10FEL);

  /** Forward and backward do the same to values and to gradients. */
  private interface Kind {
    Op of(ChannelSlice to, ChannelSlice from, Dropout dropout, long pixels, long channels);
  }

  @SizeSweep
  void fprop(int pixels, int channels) {
    check(PlainOp.DropoutFprop::new, pixels, channels, 0.2);
  }

  @SizeSweep
  void fpropInPlace(int pixels, int channels) {
    checkInPlace(PlainOp.DropoutFprop::new, pixels, channels);
  }

  @SizeSweep
  void dgrad(int pixels, int channels) {
    check(PlainOp.DropoutDgrad::new, pixels, channels, 0.2);
  }

  @SizeSweep
  void dgradInPlace(int pixels, int channels) {
    checkInPlace(PlainOp.DropoutDgrad::new, pixels, channels);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.01, 0.5, 0.99})
  void anyRate(double rate) {
    check(PlainOp.DropoutFprop::new, 64, 13, rate);
    check(PlainOp.DropoutDgrad::new, 64, 13, rate);
  }

  private void check(Kind kind, int pixels, int channels, double rate) {
    var harness = new OpHarness(layout);
    var dropout = new Dropout(CONTROL.in(harness).view(), 7, rate);
    var from = harness.source(harness.place("from", pixels, channels), values(pixels * channels));
    var to = harness.destination(harness.place("to", pixels, channels));
    var expected = expected(from, dropout);
    var op = kind.of(to.slice(), from.slice(), dropout, pixels, channels);
    harness.run(List.of(op), outcome -> outcome.check(to, expected, 0));
  }

  private void checkInPlace(Kind kind, int pixels, int channels) {
    var harness = new OpHarness(layout);
    var dropout = new Dropout(CONTROL.in(harness).view(), 7, 0.3);
    var values = harness.updated(harness.place("values", pixels, channels), values(pixels * channels));
    var expected = expected(values, dropout);
    var op = kind.of(values.slice(), values.slice(), dropout, pixels, channels);
    harness.run(List.of(op), outcome -> outcome.check(values, expected, 0));
  }

  private static Real expected(Operand from, Dropout dropout) {
    return Real.given(from.values()).times(CONTROL.mask(dropout, from.words().length));
  }

  private static float[] values(int count) {
    return new Draws(count).normal(count, 0, 1);
  }
}
