package io.github.densenet4j.train;

import io.github.densenet4j.config.Stem;
import io.github.densenet4j.error.ConfigurationException;
import java.util.List;

/**
 * How the learning rate goes. A schedule is a function of the {@link Moment} alone and remembers nothing, so a training
 * that is resumed goes on as if it had not stopped. Immutable and safe for use by several threads.
 *
 * <p>A program's own schedule is a lambda of {@link #rate}; one that also says in {@link #describe} what it is cannot
 * be mistaken for another when a training is resumed.
 *
 * @since 0.1
 */
@FunctionalInterface
public interface Schedule {
  /**
   * Where a training stands before a step.
   *
   * @param stem of the network: the paper lowers the rate earlier with the ImageNet stem
   * @param epoch from 0
   * @param epochs of the whole training
   * @param step from 0, through the whole training
   * @param steps of the whole training
   * @param history what each complete epoch came to, the first one first
   */
  record Moment(Stem stem, int epoch, int epochs, long step, long steps, List<Scores> history) {
    /** Copies the history. */
    public Moment {
      history = List.copyOf(history);
    }
  }

  /**
   * What an epoch came to; the same on every machine and however often the training was resumed.
   *
   * @param epoch from 1
   * @param loss mean cross entropy of the training images, each as the network was when it came
   * @param accuracy share of the training images that were classified right, in [0, 1]
   * @param heldOutLoss mean cross entropy of the held-out images after the epoch; NaN if there are none
   * @param heldOutAccuracy share of them that is classified right, in [0, 1]; NaN if there are none
   */
  record Scores(int epoch, double loss, double accuracy, double heldOutLoss, double heldOutAccuracy) {
    /** {@return the held-out loss, or the training loss if no images are held out} */
    public double watchedLoss() {
      return Double.isNaN(heldOutLoss) ? loss : heldOutLoss;
    }
  }

  /**
   * The learning rate of the next step.
   *
   * @param moment before it
   * @return finite and at least 0; anything else ends the training with a {@link ConfigurationException}
   */
  double rate(Moment moment);

  /**
   * The rate that checkpoints and tables show.
   *
   * @return what the schedule starts from or warms up to: the rate of the first step, if it does not know better
   */
  default double initialRate() {
    return rate(new Moment(Stem.CIFAR, 0, 1, 0, 1, List.of()));
  }

  /** {@return what the schedule is beside its {@link #initialRate}: checkpoints refuse to go on with another} */
  default String describe() {
    return "custom";
  }

  /**
   * The same rate all the time.
   *
   * @param rate positive
   * @return the schedule
   */
  static Schedule constant(double rate) {
    return new Constant(Rates.checked(rate));
  }

  /**
   * The paper's: a tenth of the rate from 50 % and a hundredth from 75 % of the epochs on; with the ImageNet stem from
   * a third and from two thirds of them on.
   *
   * @param rate of the first step, positive
   * @return the schedule
   */
  static Schedule step(double rate) {
    return new Steps(Rates.checked(rate), List.of());
  }

  /**
   * A tenth of the rate from each of these fractions of the epochs on.
   *
   * @param rate of the first step, positive
   * @param fractions rising, in (0, 1)
   * @return the schedule
   */
  static Schedule step(double rate, double... fractions) {
    return new Steps(Rates.checked(rate), Rates.checkedFractions(fractions));
  }

  /**
   * Half a cosine from the rate to 0, step by step.
   *
   * @param rate of the first step, positive
   * @return the schedule
   */
  static Schedule cosine(double rate) {
    return new Cosine(Rates.checked(rate));
  }

  /**
   * Lowers the rate when the held-out loss, or the training loss if no images are held out, has stopped falling.
   *
   * @param rate of the first step, positive
   * @param factor what the rate is multiplied by, in (0, 1)
   * @param patience epochs in a row without a lower loss than ever before, after which it is; at least 1
   * @return the schedule
   */
  static Schedule plateau(double rate, double factor, int patience) {
    return new Plateau(Rates.checked(rate), factor, patience);
  }

  /**
   * This schedule after a rise: the first steps take an even share of its rate, {@code (step + 1) / steps} of it.
   *
   * @param steps at least 1
   * @return the schedule
   */
  default Schedule warmup(long steps) {
    return new WarmUp(this, steps);
  }
}
