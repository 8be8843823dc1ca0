package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.data.Augmentation;
import io.github.densenet4j.internal.checkpoint.TrainingOptions;
import io.github.densenet4j.train.Schedule;
import picocli.CommandLine.Option;

/** How to train; what is not given is as in the paper. */
final class RecipeOptions {
  @Option(names = "--epochs", paramLabel = "N", description = "passes over the training images (default: 300; ImageNet "
      + "stem: 90)")
  private Integer epochs;

  @Option(names = "--batch-size", paramLabel = "N", description = "images in a step (default: 64; ImageNet stem: 256)")
  private Integer batchSize;

  @Option(names = "--lr", paramLabel = "RATE", description = "learning rate of the first step (default: 0.1)")
  private Double learningRate;

  @Option(
      names = "--schedule",
      paramLabel = "NAME",
      description = "step (default: a tenth at 50 %% and again at 75 %% of the epochs; ImageNet stem: at thirds) or "
          + "cosine")
  private Schedule schedule;

  @Option(names = "--momentum", paramLabel = "M", description = "Nesterov momentum (default: 0.9)")
  private Double momentum;

  @Option(names = "--weight-decay", paramLabel = "W", description = "on every parameter (default: 0.0001)")
  private Double weightDecay;

  @Option(
      names = "--augment",
      paramLabel = "NAME",
      description = "none (default) or cifar (random flips, and crops after padding by 4)")
  private Augmentation augmentation;

  @Option(names = "--seed", paramLabel = "N", description = "of weights, order, augmentation and dropout (default: 1)")
  private Long seed;

  TrainingOptions options(DenseNetConfig config) {
    var paper = TrainingOptions.paper(config);
    return new TrainingOptions(
        or(epochs, paper.epochs()),
        or(batchSize, paper.batchSize()),
        or(learningRate, paper.learningRate()),
        or(schedule, paper.schedule()),
        or(momentum, paper.momentum()),
        or(weightDecay, paper.weightDecay()),
        or(augmentation, paper.augmentation()),
        or(seed, paper.seed()));
  }

  private static <T> T or(T given, T other) {
    return given == null ? other : given;
  }
}
