package io.github.densenet4j.train;

import io.github.densenet4j.error.ConfigurationException;
import java.util.Arrays;
import java.util.List;

/** Checks of what schedules are made with. */
final class Rates {
  private Rates() {}

  static double checked(double rate) {
    if (!(rate > 0 && Double.isFinite(rate))) {
      throw new ConfigurationException("learning rate is " + rate + ", it must be positive", "learning rate");
    }
    return rate;
  }

  static List<Double> checkedFractions(double[] fractions) {
    double before = 0;
    for (double fraction : fractions) {
      if (!(fraction > before && fraction < 1)) {
        throw new ConfigurationException(
            "fractions are " + Arrays.toString(fractions) + ", they must rise and lie between 0 and 1");
      }
      before = fraction;
    }
    if (fractions.length == 0) {
      throw new ConfigurationException("fractions are missing, there must be at least 1");
    }
    return Arrays.stream(fractions).boxed().toList();
  }
}
