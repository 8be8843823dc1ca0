package io.github.densenet4j.train;

import io.github.densenet4j.error.ConfigurationException;

/** A schedule whose first steps rise to it. */
record WarmUp(Schedule then, long steps) implements Schedule {
  WarmUp {
    if (steps < 1) {
      throw new ConfigurationException("warm-up is " + steps + " steps, it must be at least 1");
    }
  }

  @Override
  public double rate(Moment moment) {
    double rate = then.rate(moment);
    return moment.step() < steps ? rate * (moment.step() + 1) / steps : rate;
  }

  @Override
  public double initialRate() {
    return then.initialRate();
  }

  @Override
  public String describe() {
    return then.describe() + ", warm-up " + steps;
  }
}
