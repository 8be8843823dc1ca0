package io.github.densenet4j.train;

/** Counts epochs in a row without a loss that is lower than all before. */
final class Patience {
  private final int epochs;
  private final double least;
  private double lowest = Double.POSITIVE_INFINITY;
  private int waited;

  /** @param least by how much a loss must be lower to count */
  Patience(int epochs, double least) {
    this.epochs = epochs;
    this.least = least;
  }

  /** Whether patience ends with this epoch's loss; it starts anew then. */
  boolean ends(double loss) {
    if (loss < lowest - least) {
      lowest = loss;
      waited = 0;
      return false;
    }
    waited++;
    if (waited < epochs) {
      return false;
    }
    waited = 0;
    return true;
  }
}
