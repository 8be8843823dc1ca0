package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class PowerLawTest {
  @Test
  void findsTheLawThatMadeThePoints() {
    double[] x = {40, 100, 250, 400};
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = 3 * Math.pow(x[i], 1.75);
    }
    assertThat(PowerLaw.exponent(x, y)).isCloseTo(1.75, within(1e-12)); // rounding of a few logarithms
  }

  @Test
  void liesBetweenPointsThatNoLawMade() {
    // Logarithms to base 2: (0, 0), (1, 2), (2, 1); the line of least squares is y = 0.5 + 0.5 x.
    assertThat(PowerLaw.exponent(new double[] {1, 2, 4}, new double[] {1, 4, 2})).isCloseTo(0.5, within(1e-12));
  }

  @Test
  void onePointHasNoLaw() {
    assertThat(PowerLaw.exponent(new double[] {40}, new double[] {7})).isNaN();
  }
}
