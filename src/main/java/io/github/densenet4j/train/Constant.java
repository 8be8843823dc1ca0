package io.github.densenet4j.train;

/** One rate. */
record Constant(double initialRate) implements Schedule {
  @Override
  public double rate(Moment moment) {
    return initialRate;
  }

  @Override
  public String describe() {
    return "constant";
  }
}
