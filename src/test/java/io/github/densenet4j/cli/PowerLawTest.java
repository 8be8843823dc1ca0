package io.github.densenet4j.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class PowerLawTest {
  @Test
  void findsTheLawThatMadeThePoints() {
    double[] x = {40, 100, 250, 400};
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = 3 * Math.pow(x[i], 1.75);
    }
    var law = PowerLaw.fit(x, y);
    assertThat(law.exponent()).isCloseTo(1.75, within(1e-12)); // rounding of a few logarithms
    assertThat(law.factor()).isCloseTo(3, within(1e-10));
  }

  @Test
  void liesBetweenPointsThatNoLawMade() {
    // Logarithms to base 2: (0, 0), (1, 2), (2, 1); the line of least squares is y = 0.5 + 0.5 x.
    var law = PowerLaw.fit(new double[] {1, 2, 4}, new double[] {1, 4, 2});
    assertThat(law.exponent()).isCloseTo(0.5, within(1e-12));
    assertThat(law.factor()).isCloseTo(Math.sqrt(2), within(1e-12));
  }

  @Test
  void onePointHasNoLaw() {
    assertThat(PowerLaw.fit(new double[] {40}, new double[] {7}).exponent()).isNaN();
  }
}
