package io.github.densenet4j;

import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.checkpoint.Progress;
import io.github.densenet4j.internal.io.EpochMetrics;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.program.Program;

/** Told what a training does, on the training's own thread. */
public interface TrainingListener {
  /** A listener that does nothing. */
  TrainingListener SILENT = new TrainingListener() {};

  /**
   * Before memory is allocated.
   *
   * @param progress where the training starts; beyond its beginning if it is resumed
   */
  default void starting(Program program, ArenaPlan plan, Backend backend, Progress progress) {}

  /**
   * After each step.
   *
   * @param step what the epoch has come to
   */
  default void stepped(StepReport step) {}

  /** After each epoch, when its files are written. */
  default void epochEnded(EpochMetrics metrics) {}

  /**
   * One step of an epoch.
   *
   * @param epoch from 1
   * @param batch batches done in this epoch, of {@code batches}
   * @param loss mean over the epoch so far
   * @param accuracy over the epoch so far, in [0, 1]
   * @param imagesPerSecond of this run in this epoch so far
   * @param secondsLeft estimate for the whole training
   */
  record StepReport(
      int epoch,
      int epochs,
      int batch,
      int batches,
      double loss,
      double accuracy,
      double learningRate,
      double imagesPerSecond,
      double secondsLeft) {}
}
