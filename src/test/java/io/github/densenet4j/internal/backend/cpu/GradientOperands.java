package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.tensor.Gradient;
import io.github.densenet4j.internal.tensor.InputGradient;

/** What a BN+ReLU consumer hands back, overwritten or added to. */
record GradientOperands(
    Operand sum, Operand offset, Operand slope, Operand dgamma, Operand dbeta, boolean accumulate) {

  static GradientOperands draw(OpHarness harness, Draws draws, Place sum, boolean accumulate) {
    int channels = sum.channels();
    Place offset = harness.place("dx offset", 1, channels);
    Place slope = harness.place("dx slope", 1, channels);
    return new GradientOperands(
        target(harness, draws, sum, accumulate),
        target(harness, draws, offset, accumulate),
        target(harness, draws, slope, accumulate),
        harness.destination("dgamma", channels),
        harness.destination("dbeta", channels),
        accumulate);
  }

  private static Operand target(OpHarness harness, Draws draws, Place place, boolean accumulate) {
    return accumulate ? harness.updated(place, draws.normal(place.size(), 0, 1)) : harness.destination(place);
  }

  InputGradient inputGradient() {
    var gradient = new Gradient(sum.slice(), offset.view(), slope.view());
    return new InputGradient(gradient, dgamma.view(), dbeta.view(), accumulate);
  }

  /**
   * Checks all five against the oracle.
   *
   * @param da the gradient of the ReLU's output
   * @param roundings the length of the sums behind {@code da}
   */
  void check(Outcome outcome, Real da, Oracle.Norm x, int roundings) {
    check(outcome, da, x, roundings, x.pixels());
  }

  /** @param terms the length of the sums over pixels */
  void check(Outcome outcome, Real da, Oracle.Norm x, int roundings, int terms) {
    var before = Oracle.Deferred.zeros(da.size(), x.channels());
    if (accumulate) {
      before = new Oracle.Deferred(
          Real.given(sum.values()), Real.given(offset.values()), Real.given(slope.values()));
    }
    var expected = Oracle.consume(da, x, before);
    int reduced = roundings + terms;
    outcome.check(sum, expected.gradient().sum(), roundings);
    outcome.check(offset, expected.gradient().offset(), reduced);
    outcome.check(slope, expected.gradient().slope(), reduced);
    outcome.check(dgamma, expected.dgamma(), reduced);
    outcome.check(dbeta, expected.dbeta(), reduced);
  }
}
