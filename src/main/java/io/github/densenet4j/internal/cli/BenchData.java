package io.github.densenet4j.internal.cli;

import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.data.ImageSource.Augmentation;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.checkpoint.Normalization;
import io.github.densenet4j.internal.network.Initialization;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.training.BatchReader;
import io.github.densenet4j.internal.training.BatchRing;
import io.github.densenet4j.internal.training.Batches;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.SequencedMap;
import java.util.TreeMap;

/**
 * Measures how fast training images are read, and how fast a network takes them.
 *
 * @param batchSize images of a batch, at most those of the source
 * @param batches of a measurement, at least 1; fewer if an epoch has fewer
 */
record BenchData(ImageSource images, int batchSize, int batches) {
  private static final int WARMUP = 2;
  private static final int SEED = 1;

  /** Any will do: the time does not depend on it. */
  private Normalization normalization() {
    return new Normalization(
        Collections.nCopies(images.channels(), 128.0), Collections.nCopies(images.channels(), 64.0));
  }

  /**
   * Images a second.
   *
   * @param byThreads of readers
   */
  record Rates(SequencedMap<Integer, Double> byThreads) {
    double of(int threads) {
      return byThreads.get(threads);
    }
  }

  /** Images a second of a step alone, and of steps on images that are being read. */
  record Steps(double alone, double together) {}

  Rates read(List<Integer> threads) {
    var rates = new TreeMap<Integer, Double>();
    for (int count : threads) {
      try (var reader = reader(count)) {
        rates.put(count, rate(reader::next));
      }
    }
    return new Rates(rates);
  }

  Steps steps(Backend backend, Program program, int threads) {
    try (var session = new NetworkSession(backend, program)) {
      session.setParameters(new Initialization(SEED).learnable(program.parameters()));
      session.setRunning(new Initialization(SEED).running(program.parameters()));
      session.setLevels(normalization().levels());
      try (var reader = reader(0)) {
        reader.next().load(session);
      }
      double alone = rate(() -> step(session));
      try (var reader = reader(threads)) {
        double together =
            rate(
                () -> {
                  reader.next().load(session);
                  step(session);
                });
        return new Steps(alone, together);
      }
    }
  }

  /** With a rate of 0 weights stay what they are. */
  private static void step(NetworkSession session) {
    session.step(0, 0, SEED);
    session.finish();
  }

  private BatchReader reader(int threads) {
    var sequence = new Batches(images, Augmentation.CIFAR, batchSize, SEED).epoch(0);
    return BatchRing.of(images, batchSize, normalization(), OptionalInt.of(threads)).read(sequence, 0);
  }

  /** Of what takes one batch each time it runs. */
  private double rate(Runnable batch) {
    int all = Math.min(WARMUP + batches, images.count() / batchSize);
    int untimed = Math.min(WARMUP, all - 1);
    for (int i = 0; i < untimed; i++) {
      batch.run();
    }
    long start = System.nanoTime();
    for (int i = untimed; i < all; i++) {
      batch.run();
    }
    return (double) (all - untimed) * batchSize / ((System.nanoTime() - start) / 1e9);
  }
}
