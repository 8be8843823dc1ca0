package io.github.densenet4j.train;

import io.github.densenet4j.error.ConfigurationException;

/** A rate that falls when the loss does not. */
record Plateau(double initialRate, double factor, int patience) implements Schedule {
  Plateau {
    if (!(factor > 0 && factor < 1)) {
      throw new ConfigurationException("factor is " + factor + ", it must be above 0 and below 1");
    }
    if (patience < 1) {
      throw new ConfigurationException("patience is " + patience + ", it must be at least 1", "patience");
    }
  }

  @Override
  public double rate(Moment moment) {
    var patient = new Patience(patience, 0);
    double rate = initialRate;
    for (var scores : moment.history()) {
      rate *= patient.ends(scores.watchedLoss()) ? factor : 1;
    }
    return rate;
  }

  @Override
  public String describe() {
    return "plateau by " + factor + " after " + patience;
  }
}
