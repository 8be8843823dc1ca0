package io.github.densenet4j.train;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.data.ImageSource.Augmentation;
import io.github.densenet4j.error.ConfigurationException;
import java.util.List;
import java.util.Objects;

/**
 * Told what a training does, on the training's own thread, which waits meanwhile. What a listener throws ends the
 * training and comes out of it, when its device memory has been given back; files that were written stay whole.
 *
 * @since 0.1
 */
public interface TrainingListener {
  /** Whether a training is to go on. */
  enum Decision {
    /** Go on. */
    CONTINUE,
    /** End here, with the files of a training that ends by itself; it can be resumed. */
    STOP,
    /** End here as soon as a checkpoint is written, without an evaluation; it can be resumed. */
    INTERRUPT
  }

  /**
   * How a network is trained, by SGD with Nesterov momentum; validated.
   *
   * @param epochs passes over the training images, at least 1
   * @param batch images in a step, at least 1; an epoch leaves out those that do not fill a last batch, other ones each
   *     time
   * @param schedule of the learning rate
   * @param momentum in [0, 1)
   * @param weightDecay on every parameter, at least 0
   * @param augmentation of training images
   * @param seed of order, augmentation and dropout
   */
  record Settings(
      int epochs,
      int batch,
      Schedule schedule,
      double momentum,
      double weightDecay,
      Augmentation augmentation,
      long seed) {
    /**
     * Checks every number.
     *
     * @throws ConfigurationException if one is out of range; the message names it
     */
    public Settings {
      require(epochs >= 1, "number of epochs", epochs, "at least 1");
      require(batch >= 1, "batch size", batch, "at least 1");
      require(momentum >= 0 && momentum < 1, "momentum", momentum, "at least 0 and below 1");
      require(weightDecay >= 0 && Double.isFinite(weightDecay), "weight decay", weightDecay, "at least 0");
      Objects.requireNonNull(schedule, "schedule");
      Objects.requireNonNull(augmentation, "augmentation");
    }

    private static void require(boolean condition, String field, Number found, String expected) {
      if (!condition) {
        throw new ConfigurationException(field + " is " + found + ", it must be " + expected, field);
      }
    }

    /**
     * The paper's (Huang et al. 2017): learning rate 0.1 by {@link Schedule#step}, momentum 0.9, weight decay 1e-4, no
     * augmentation, seed 1; 300 epochs in batches of 64 with the CIFAR stem, 90 epochs in batches of 256 with the
     * ImageNet stem.
     *
     * @param stem the network's
     * @return the settings
     */
    public static Settings paper(Stem stem) {
      boolean cifar = stem == Stem.CIFAR;
      return new Settings(
          cifar ? 300 : 90, cifar ? 64 : 256, Schedule.step(0.1), 0.9, 1e-4, Augmentation.NONE, 1);
    }
  }

  /**
   * A training's start.
   *
   * @param config the network's
   * @param settings the training's
   * @param epoch epochs that are complete, above 0 if the training is resumed
   * @param step steps that are complete, likewise
   * @param history what each complete epoch came to
   * @param warnings sentences, whose subject is the training, about what may not be as it was meant ({@link
   *     io.github.densenet4j.data.Dataset#warnings}) or is no longer as it was when the training was stopped, such as the
   *     kind of processor; usually empty
   */
  record Start(
      DenseNetConfig config,
      Settings settings,
      int epoch,
      long step,
      List<Schedule.Scores> history,
      List<String> warnings) {
    /** Copies the lists. */
    public Start {
      history = List.copyOf(history);
      warnings = List.copyOf(warnings);
    }
  }

  /**
   * One step of an epoch.
   *
   * @param epoch from 1
   * @param epochs of the whole training
   * @param batch batches done in this epoch
   * @param batches of an epoch
   * @param loss mean cross entropy over the epoch so far
   * @param accuracy share of images classified right over the epoch so far, in [0, 1]
   * @param learningRate of this step
   * @param imagesPerSecond of this run in this epoch so far
   * @param secondsLeft estimate for the whole training
   */
  record Step(
      int epoch,
      int epochs,
      int batch,
      int batches,
      double loss,
      double accuracy,
      double learningRate,
      double imagesPerSecond,
      double secondsLeft) {}

  /**
   * A complete epoch, its evaluation included.
   *
   * @param scores what it came to
   * @param epochs of the whole training
   * @param learningRate of its last step
   * @param imagesPerSecond training images per second of training time
   * @param seconds of the epoch, evaluation included
   */
  record Epoch(Schedule.Scores scores, int epochs, double learningRate, double imagesPerSecond, double seconds) {}

  /**
   * Before memory is allocated on the device, once for every run.
   *
   * @param start where the training starts
   */
  default void started(Start start) {}

  /**
   * After each step.
   *
   * @param step what the epoch has come to
   * @return whether to go on
   */
  default Decision stepped(Step step) {
    return Decision.CONTINUE;
  }

  /**
   * After each epoch, when its files are written.
   *
   * @param epoch what it came to
   * @return whether to go on
   */
  default Decision epochEnded(Epoch epoch) {
    return Decision.CONTINUE;
  }
}
