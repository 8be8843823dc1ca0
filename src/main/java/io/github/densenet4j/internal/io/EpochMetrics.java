package io.github.densenet4j.internal.io;

/**
 * What one epoch of training measured. A value that was not measured is NaN.
 *
 * @param epoch the number of the epoch, from 1
 * @param trainLoss mean cross-entropy per training image, in nats
 * @param trainAccuracy share of the training images classified correctly, 0 to 1
 * @param heldOutLoss mean cross-entropy per held-out image, in nats; NaN without a held-out set
 * @param heldOutAccuracy share of the held-out images classified correctly, 0 to 1; NaN without a held-out set
 * @param learningRate the learning rate of the epoch's last step
 * @param imagesPerSecond training images per second of training time
 * @param seconds wall-clock time of the epoch, evaluation included, in seconds
 */
public record EpochMetrics(
    int epoch,
    double trainLoss,
    double trainAccuracy,
    double heldOutLoss,
    double heldOutAccuracy,
    double learningRate,
    double imagesPerSecond,
    double seconds) {
  /** Refuses an epoch below 1 with {@link IllegalArgumentException}. */
  public EpochMetrics {
    if (epoch < 1) {
      throw new IllegalArgumentException("epoch " + epoch + " is below 1");
    }
  }
}
