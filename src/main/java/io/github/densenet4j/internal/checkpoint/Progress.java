package io.github.densenet4j.internal.checkpoint;

import io.github.densenet4j.train.Schedule;
import java.util.ArrayList;
import java.util.List;

/**
 * How far a training has come. Order, augmentation and dropout are functions of the seed and of these counters, so with
 * the seed they are the whole random state.
 *
 * @param epoch epochs that are complete, their evaluation included
 * @param batch batches of the next epoch that are complete
 * @param step steps that are complete, through the whole training
 * @param lossSum over the images of the unfinished epoch
 * @param correct images of the unfinished epoch that were classified right
 * @param bestAccuracy the highest held-out accuracy so far, in [0, 1]; -1 if none was measured
 * @param bestEpoch the epoch that reached it, from 1, or the last one if no images are held out; 0 before the first
 * @param history what each complete epoch came to
 */
public record Progress(
    int epoch,
    int batch,
    long step,
    double lossSum,
    long correct,
    double bestAccuracy,
    int bestEpoch,
    List<Schedule.Scores> history) {
  public static final Progress START = new Progress(0, 0, 0, 0, 0, -1, 0, List.of());

  public Progress {
    history = List.copyOf(history);
  }

  /** After one more batch. */
  public Progress stepped(double batchLossSum, long batchCorrect) {
    return new Progress(
        epoch, batch + 1, step + 1, lossSum + batchLossSum, correct + batchCorrect, bestAccuracy, bestEpoch, history);
  }

  /**
   * After the epoch's evaluation.
   *
   * @param scores of the epoch
   */
  public Progress evaluated(Schedule.Scores scores) {
    boolean measured = !Double.isNaN(scores.heldOutAccuracy());
    boolean better = !measured || scores.heldOutAccuracy() > bestAccuracy;
    var longer = new ArrayList<>(history);
    longer.add(scores);
    return new Progress(
        epoch + 1, 0, step, 0, 0, measured && better ? scores.heldOutAccuracy() : bestAccuracy,
        better ? epoch + 1 : bestEpoch, longer);
  }
}
