package io.github.densenet4j;

import io.github.densenet4j.data.Evaluation;
import io.github.densenet4j.internal.training.RunFolder;
import java.nio.file.Path;

/**
 * What a training ended with.
 *
 * @param evaluation of the held-out images after the last epoch
 * @param bestAccuracy the highest held-out accuracy of any epoch, in [0, 1]
 * @param bestEpoch the epoch that reached it, from 1
 * @param folder where checkpoints, metrics and report lie
 */
public record TrainingResult(Evaluation evaluation, double bestAccuracy, int bestEpoch, Path folder) {
  /** The checkpoint after the last epoch. */
  public Path lastCheckpoint() {
    return folder.resolve(RunFolder.LAST);
  }

  /** The checkpoint of the best epoch. */
  public Path bestCheckpoint() {
    return folder.resolve(RunFolder.BEST);
  }

  /** The report of the whole training, one self-contained HTML file. */
  public Path report() {
    return folder.resolve(RunFolder.REPORT);
  }
}
