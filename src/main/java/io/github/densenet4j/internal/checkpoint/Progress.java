package io.github.densenet4j.internal.checkpoint;

import io.github.densenet4j.train.Schedule;
import io.github.densenet4j.train.TrainingListener.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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

  /**
   * What shows that no training can have come to this.
   *
   * @param data that is trained on
   * @return half a sentence; empty if there is nothing
   */
  Optional<String> fault(Settings settings, TrainedOn data) {
    int batches = data.trainingImages() / settings.batch();
    long seen = (long) batch * settings.batch();
    boolean measured = epoch > 0 && data.heldOutImages() > 0;
    return Stream.of(
            outside("epoch", epoch, 0, settings.epochs()),
            outside("batch", batch, 0, epoch == settings.epochs() ? 0 : batches),
            outside("step", step, (long) epoch * batches + batch, (long) epoch * batches + batch),
            outside("loss_sum", lossSum, 0, seen == 0 ? 0 : Double.MAX_VALUE),
            outside("correct", correct, 0, seen),
            outside("best_accuracy", bestAccuracy, measured ? 0 : -1, measured ? 1 : -1),
            outside("best_epoch", bestEpoch, epoch == 0 ? 0 : 1, epoch),
            history.isEmpty() ? Optional.<String>empty() : outside("history", history.size(), epoch, epoch),
            implausible(history))
        .flatMap(Optional::stream)
        .findFirst();
  }

  private static Optional<String> implausible(List<Schedule.Scores> history) {
    return IntStream.range(0, history.size())
        .filter(
            i -> {
              var scores = history.get(i);
              return scores.epoch() != i + 1
                  || !(scores.loss() >= 0)
                  || !(scores.accuracy() >= 0 && scores.accuracy() <= 1)
                  || scores.heldOutLoss() < 0
                  || scores.heldOutAccuracy() < 0
                  || scores.heldOutAccuracy() > 1;
            })
        .mapToObj(i -> "its history has in place " + (i + 1) + " no scores of that epoch")
        .findFirst();
  }

  private static Optional<String> outside(String field, double found, double least, double most) {
    if (found >= least && found <= most) {
      return Optional.empty();
    }
    String expected = least == most ? "" : " to " + plain(most);
    return Optional.of("its " + field + " is " + plain(found) + ", expected " + plain(least) + expected);
  }

  private static String plain(double value) {
    return value == Math.rint(value) && Math.abs(value) < 1e15 ? Long.toString((long) value) : Double.toString(value);
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
