package io.github.densenet4j.internal.backend.cpu;

import org.assertj.core.api.Assertions;

/**
 * How far a float32 result may lie from its double-precision value.
 *
 * <p>A value that went through n roundings in a row, each relative to a partial sum of terms, is off by about sqrt(n)
 * unit roundoffs of the sum of the absolute terms, its magnitude: roundings are as often up as down. {@link #SAFETY}
 * covers the factor by which a sum of few roundings can exceed that, and {@link #AROUND} the roundings before and after
 * the sum: the prologue's, the mask's, those of products without fused multiply-add. A result too small for a normal
 * number is off by less than the smallest number.
 */
public final class Tolerance {
  private static final double UNIT_ROUNDOFF = 0x1p-24;
  private static final double UNIT_ROUNDOFF_OF_TF32 = 0x1p-11;
  private static final double UNIT_ROUNDOFF_OF_DOUBLE = 0x1p-53;
  private static final int AROUND = 4;
  private static final double SAFETY = 2;

  private Tolerance() {}

  /** The tolerance of value {@code i}. */
  public interface OfValue {
    double at(int i);
  }

  /**
   * @param roundings the length of the sums behind the value
   * @param magnitude the sum of the absolute terms
   */
  public static double of(int roundings, double magnitude) {
    return SAFETY * UNIT_ROUNDOFF * Math.sqrt(roundings + AROUND) * magnitude + Float.MIN_VALUE;
  }

  /** The same for arithmetic in double precision. */
  public static double ofDouble(int roundings, double magnitude) {
    return SAFETY * UNIT_ROUNDOFF_OF_DOUBLE * Math.sqrt(roundings + AROUND) * magnitude;
  }

  /**
   * A sum of products, each factor of which was rounded to the 11 bits of TF32 and is off by at most half a unit in the
   * last place, whichever way.
   *
   * @param magnitude the sum of the absolute products
   */
  public static double ofTf32Factors(double magnitude) {
    return UNIT_ROUNDOFF_OF_TF32 * (2 + UNIT_ROUNDOFF_OF_TF32) * magnitude;
  }

  /**
   * The roundings to reckon with in a sum of {@code terms} that may all be equal: they go the same way for long
   * stretches, so that the error is linear in their number.
   */
  public static int ofEqualTerms(int terms) {
    return terms * terms;
  }

  /**
   * A mean that is summed as distances from one of the values, so that the mean itself, however large, costs only its
   * own rounding. On average such distances are at most the standard deviation and the farthest value's distance from
   * the mean.
   */
  public static double ofMean(int pixels, Moments moments, int channel) {
    double distance = Math.sqrt(moments.variance()[channel]) + moments.farthest()[channel];
    return of(0, Math.abs(moments.mean()[channel])) + of(pixels, distance);
  }

  /** A variance from the squares of such distances. */
  public static double ofVariance(int pixels, Moments moments, int channel) {
    double farthest = moments.farthest()[channel];
    return of(pixels, moments.variance()[channel] + farthest * farthest);
  }

  /**
   * A gradient through several operations: against the largest of its tensor, and linear in the length of all sums
   * together, because a sum of terms of either sign is smaller than its magnitude by about the root of its length.
   */
  public static double ofGradient(int roundings, double largest) {
    return SAFETY * UNIT_ROUNDOFF * (roundings + AROUND) * largest;
  }

  /** Fails for the first value that is not within its tolerance; NaN never is. */
  public static void check(String what, double[] actual, double[] expected, OfValue tolerance) {
    Assertions.assertThat(actual).as(what).hasSameSizeAs(expected);
    for (int i = 0; i < expected.length; i++) {
      double allowed = tolerance.at(i);
      if (!(Math.abs(actual[i] - expected[i]) <= allowed)) {
        Assertions.fail("%s: value %d of %d is %s, expected %s within %s",
            what, i, expected.length, actual[i], expected[i], allowed);
      }
    }
  }
}
