package io.github.densenet4j.train;

import io.github.densenet4j.config.Stem;
import java.util.List;

/**
 * A rate that falls to a tenth again and again.
 *
 * @param fractions of the epochs, rising; empty for the paper's
 */
record Steps(double initialRate, List<Double> fractions) implements Schedule {
  private static final List<Double> CIFAR = List.of(0.5, 0.75);
  private static final List<Double> IMAGENET = List.of(1.0 / 3, 2.0 / 3);

  @Override
  public double rate(Moment moment) {
    var falls = !fractions.isEmpty() ? fractions : moment.stem() == Stem.CIFAR ? CIFAR : IMAGENET;
    double divisor = 1;
    for (double fraction : falls) {
      divisor *= moment.epoch() >= fraction * moment.epochs() ? 10 : 1;
    }
    return initialRate / divisor;
  }

  @Override
  public String describe() {
    return fractions.isEmpty() ? "step" : "step at " + fractions;
  }
}
