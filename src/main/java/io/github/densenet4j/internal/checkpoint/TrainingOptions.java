package io.github.densenet4j.internal.checkpoint;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.data.Augmentation;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.program.Workload;
import io.github.densenet4j.train.Schedule;

/**
 * How a network is trained, by SGD with Nesterov momentum; validated.
 *
 * @param epochs passes over the training images, at least 1
 * @param batchSize images in a step; an epoch drops the images that do not fill a last batch
 * @param learningRate of the first step, positive
 * @param momentum in [0, 1)
 * @param weightDecay on every parameter, at least 0
 * @param seed of initialisation, order, augmentation and dropout
 */
public record TrainingOptions(
    int epochs,
    int batchSize,
    double learningRate,
    Schedule schedule,
    double momentum,
    double weightDecay,
    Augmentation augmentation,
    long seed) {

  public TrainingOptions {
    require(epochs >= 1, "--epochs", epochs, "at least 1");
    require(batchSize >= 1, "--batch-size", batchSize, "at least 1");
    require(learningRate > 0 && Double.isFinite(learningRate), "--lr", learningRate, "positive");
    require(momentum >= 0 && momentum < 1, "--momentum", momentum, "at least 0 and below 1");
    require(weightDecay >= 0 && Double.isFinite(weightDecay), "--weight-decay", weightDecay, "at least 0");
  }

  private static void require(boolean condition, String option, Number found, String expected) {
    if (!condition) {
      throw new ConfigurationException(option + " is " + found + ", it must be " + expected);
    }
  }

  /**
   * The paper's recipe: learning rate 0.1 in steps, momentum 0.9, weight decay 1e-4, no augmentation, seed 1; 300 epochs
   * in batches of 64 with the CIFAR stem, 90 epochs in batches of 256 with the ImageNet stem.
   */
  public static TrainingOptions paper(DenseNetConfig config) {
    boolean cifar = config.stem() == Stem.CIFAR;
    return new TrainingOptions(
        cifar ? 300 : 90, cifar ? 64 : 256, 0.1, Schedule.STEP, 0.9, 1e-4, Augmentation.NONE, 1);
  }

  /** What a program must do to train so. */
  public Workload workload() {
    return Workload.training(batchSize, momentum, weightDecay);
  }

  public TrainingOptions withEpochs(int epochs) {
    return new TrainingOptions(
        epochs, batchSize, learningRate, schedule, momentum, weightDecay, augmentation, seed);
  }

  public TrainingOptions withBatchSize(int batchSize) {
    return new TrainingOptions(
        epochs, batchSize, learningRate, schedule, momentum, weightDecay, augmentation, seed);
  }

  public TrainingOptions withLearningRate(double learningRate) {
    return new TrainingOptions(
        epochs, batchSize, learningRate, schedule, momentum, weightDecay, augmentation, seed);
  }

  public TrainingOptions withSchedule(Schedule schedule) {
    return new TrainingOptions(
        epochs, batchSize, learningRate, schedule, momentum, weightDecay, augmentation, seed);
  }

  public TrainingOptions withMomentum(double momentum) {
    return new TrainingOptions(
        epochs, batchSize, learningRate, schedule, momentum, weightDecay, augmentation, seed);
  }

  public TrainingOptions withWeightDecay(double weightDecay) {
    return new TrainingOptions(
        epochs, batchSize, learningRate, schedule, momentum, weightDecay, augmentation, seed);
  }

  public TrainingOptions withAugmentation(Augmentation augmentation) {
    return new TrainingOptions(
        epochs, batchSize, learningRate, schedule, momentum, weightDecay, augmentation, seed);
  }

  public TrainingOptions withSeed(long seed) {
    return new TrainingOptions(
        epochs, batchSize, learningRate, schedule, momentum, weightDecay, augmentation, seed);
  }
}
