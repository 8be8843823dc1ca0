package io.github.densenet4j.internal.cli;

import io.github.densenet4j.Trainer;
import io.github.densenet4j.data.Preprocessing.Variation;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.train.EarlyStopping;
import io.github.densenet4j.train.Schedule;
import java.util.function.Consumer;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** How to train; what is not given is as in the paper. */
final class RecipeOptions {
  private static final double RATE = 0.1;
  static final long SEED = 1;
  private static final double PLATEAU_FACTOR = 0.1;
  private static final int PLATEAU_PATIENCE = 10;

  /** What {@code --schedule} takes. */
  enum ScheduleName {
    STEP,
    COSINE,
    PLATEAU
  }

  @Option(names = "--epochs", paramLabel = "N", description = "passes over the training images (default: 300; ImageNet "
      + "stem: 90)")
  private Integer epochs;

  @Option(names = "--batch-size", paramLabel = "N", description = "images in a step (default: 64; ImageNet stem: 256)")
  private Integer batchSize;

  @Option(names = "--lr", paramLabel = "RATE", description = "learning rate of the first step (default: 0.1)")
  private Double learningRate;

  @Option(
      names = "--classifier-lr",
      paramLabel = "RATE",
      description = "learning rate of the classifier in the first step; falls as --lr does (default: that of --lr)")
  private Double classifierRate;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      description = "step (default: a tenth at 50 %% and again at 75 %% of the epochs; ImageNet stem: at thirds), "
          + "cosine, or plateau (a tenth after every 10 epochs without a lower held-out loss)")
  private ScheduleName schedule;

  @Option(
      names = "--warmup",
      paramLabel = "STEPS",
      description = "steps in which the learning rate rises to the schedule's (default: 0)")
  private long warmup;

  @Option(
      names = "--patience",
      paramLabel = "N",
      description = "stop after N epochs without a lower held-out loss (default: train all epochs)")
  private Integer patience;

  @Option(names = "--momentum", paramLabel = "M", description = "Nesterov momentum (default: 0.9)")
  private Double momentum;

  @Option(names = "--weight-decay", paramLabel = "W", description = "on every parameter (default: 0.0001)")
  private Double weightDecay;

  @Mixin private VariationOptions variation;

  @Option(names = "--seed", paramLabel = "N", description = "of weights, order, augmentation and dropout (default: 1)")
  private Long seed;

  /** Of weights and everything else that is drawn. */
  long seed() {
    return seed == null ? SEED : seed;
  }

  /** What is done to image files that are trained on. */
  Variation variation() {
    return variation.variation();
  }

  /** Tells the trainer what was given. */
  void apply(Trainer trainer) {
    give(epochs, trainer::epochs);
    give(batchSize, trainer::batch);
    give(momentum, trainer::momentum);
    give(weightDecay, trainer::weightDecay);
    give(variation.augmentation(), trainer::augmentation);
    trainer.seed(seed()).schedule(schedule());
    give(classifierRate, trainer::classifierRate);
    give(patience, n -> trainer.on(new EarlyStopping(n, 0)));
  }

  private static <T> void give(T given, Consumer<T> setter) {
    if (given != null) {
      setter.accept(given);
    }
  }

  private Schedule schedule() {
    if (warmup < 0) {
      throw new ConfigurationException("--warmup is " + warmup + ", it must be at least 0");
    }
    double rate = learningRate == null ? RATE : learningRate;
    var chosen =
        switch (schedule == null ? ScheduleName.STEP : schedule) {
          case STEP -> Schedule.step(rate);
          case COSINE -> Schedule.cosine(rate);
          case PLATEAU -> Schedule.plateau(rate, PLATEAU_FACTOR, PLATEAU_PATIENCE);
        };
    return warmup == 0 ? chosen : chosen.warmup(warmup);
  }
}
