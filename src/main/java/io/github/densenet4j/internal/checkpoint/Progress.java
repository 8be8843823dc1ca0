package io.github.densenet4j.internal.checkpoint;

/**
 * How far a training has come. Order, augmentation and dropout are functions of the seed and of these counters, so with
 * the seed they are the whole random state.
 *
 * @param epoch epochs that are complete, their evaluation included
 * @param batch batches of the next epoch that are complete
 * @param step steps that are complete, through the whole training
 * @param lossSum over the images of the unfinished epoch
 * @param correct images of the unfinished epoch that were classified right
 * @param bestAccuracy the highest held-out accuracy so far, in [0, 1]; -1 before the first evaluation
 * @param bestEpoch the epoch that reached it, from 1; 0 before the first evaluation
 */
public record Progress(
    int epoch, int batch, long step, double lossSum, long correct, double bestAccuracy, int bestEpoch) {
  public static final Progress START = new Progress(0, 0, 0, 0, 0, -1, 0);

  /** After one more batch. */
  public Progress stepped(double batchLossSum, long batchCorrect) {
    return new Progress(
        epoch, batch + 1, step + 1, lossSum + batchLossSum, correct + batchCorrect, bestAccuracy, bestEpoch);
  }

  /** After the epoch's evaluation. */
  public Progress evaluated(double heldOutAccuracy) {
    boolean better = heldOutAccuracy > bestAccuracy;
    return new Progress(
        epoch + 1, 0, step, 0, 0, better ? heldOutAccuracy : bestAccuracy, better ? epoch + 1 : bestEpoch);
  }
}
