package io.github.densenet4j.internal.training;

import io.github.densenet4j.internal.checkpoint.Progress;
import io.github.densenet4j.train.TrainingListener;

/** Measures an epoch, or what is left of it after a resume. */
final class EpochClock {
  private final long start = System.nanoTime();
  private final Progress from;
  private final int batches;
  private final int batchSize;
  private final long steps;

  EpochClock(Progress from, int batches, int batchSize, long steps) {
    this.from = from;
    this.batches = batches;
    this.batchSize = batchSize;
    this.steps = steps;
  }

  double seconds() {
    return (System.nanoTime() - start) / 1e9;
  }

  double imagesPerSecond(Progress now) {
    return (now.step() - from.step()) * batchSize / seconds();
  }

  TrainingListener.Step report(Progress now, int epochs, double rate) {
    double seen = (double) now.batch() * batchSize;
    double speed = imagesPerSecond(now);
    return new TrainingListener.Step(
        now.epoch() + 1, epochs, now.batch(), batches, now.lossSum() / seen, now.correct() / seen, rate, speed,
        (steps - now.step()) * batchSize / speed);
  }
}
