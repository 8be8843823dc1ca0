package io.github.densenet4j.train;

/** Half a cosine. */
record Cosine(double initialRate) implements Schedule {
  @Override
  public double rate(Moment moment) {
    return initialRate * 0.5 * (1 + StrictMath.cos(StrictMath.PI * moment.step() / moment.steps()));
  }

  @Override
  public String describe() {
    return "cosine";
  }
}
