package io.github.densenet4j.internal.backend.cpu;

import java.util.Arrays;

/**
 * Values in double precision; each with its magnitude, the sum of the absolute terms that it is a sum of, which is what
 * its rounding error in any order of summation is measured by.
 */
public record Real(double[] value, double[] magnitude) {
  static Real zeros(int count) {
    return new Real(new double[count], new double[count]);
  }

  /** Given values, without an error of their own. */
  static Real given(double[] values) {
    return new Real(values.clone(), Arrays.stream(values).map(Math::abs).toArray());
  }

  int size() {
    return value.length;
  }

  void add(int i, double term, double magnitudeOfTerm) {
    value[i] += term;
    magnitude[i] += magnitudeOfTerm;
  }

  /** Adds {@code factor} times value {@code from} of {@code other}. */
  void add(int i, Real other, int from, double factor) {
    add(i, other.value[from] * factor, other.magnitude[from] * Math.abs(factor));
  }

  /** Element by element. */
  Real times(double[] factors) {
    var product = zeros(size());
    for (int i = 0; i < size(); i++) {
      product.add(i, this, i, factors[i]);
    }
    return product;
  }
}
