package io.github.densenet4j.train;

import io.github.densenet4j.config.Stem;
import java.util.Locale;

/** How the learning rate falls. */
public enum Schedule {
  /** Divided by 10 at 50 % and again at 75 % of the epochs; with the ImageNet stem at a third and at two thirds. */
  STEP,
  /** Half a cosine from the initial rate to 0, step by step. */
  COSINE;

  /**
   * The learning rate of one step.
   *
   * @param initial the rate of the first step
   * @param epoch from 0
   * @param step from 0, through the whole training
   * @param steps in the whole training
   */
  public double rate(double initial, Stem stem, int epoch, int epochs, long step, long steps) {
    return switch (this) {
      case STEP -> {
        double first = stem == Stem.CIFAR ? 0.5 : 1.0 / 3;
        double second = stem == Stem.CIFAR ? 0.75 : 2.0 / 3;
        yield epoch >= second * epochs ? initial / 100 : epoch >= first * epochs ? initial / 10 : initial;
      }
      case COSINE -> initial * 0.5 * (1 + StrictMath.cos(StrictMath.PI * step / steps));
    };
  }

  /** The name on the command line and in checkpoints. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
