package io.github.densenet4j;

import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.training.BatchRing;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * How a {@link Predictor} computes.
 *
 * @param batch the most images that are computed at a time, at least 1; memory grows with it
 * @param strategy how the network is computed; all give the same answers up to rounding
 * @param precision how feature maps are stored
 * @param readers how many threads read images ahead of an evaluation; answers do not depend on it; empty: as {@link
 *     Trainer#readers} says
 * @since 0.1
 */
public record PredictorOptions(int batch, Strategy strategy, Precision precision, OptionalInt readers) {
  /** Up to 32 images at a time, strategy fused, float32. */
  public static final PredictorOptions DEFAULT = new PredictorOptions(32, Strategy.FUSED, Precision.FLOAT32);

  /**
   * Checks the numbers.
   *
   * @throws ConfigurationException if one is out of range
   */
  public PredictorOptions {
    if (batch < 1) {
      throw new ConfigurationException("batch size is " + batch + ", it must be at least 1", "batch size");
    }
    Objects.requireNonNull(strategy, "strategy");
    Objects.requireNonNull(precision, "precision");
    readers.ifPresent(BatchRing::requireThreads);
  }

  /**
   * Without a number of readers.
   *
   * @param batch at least 1
   * @param strategy how to compute
   * @param precision how to store
   * @throws ConfigurationException if the batch is below 1
   */
  public PredictorOptions(int batch, Strategy strategy, Precision precision) {
    this(batch, strategy, precision, OptionalInt.empty());
  }

  /**
   * {@return the same with another batch}
   *
   * @param batch at least 1
   */
  public PredictorOptions withBatch(int batch) {
    return new PredictorOptions(batch, strategy, precision, readers);
  }

  /**
   * {@return the same with another strategy}
   *
   * @param strategy how to compute
   */
  public PredictorOptions withStrategy(Strategy strategy) {
    return new PredictorOptions(batch, strategy, precision, readers);
  }

  /**
   * {@return the same with another precision}
   *
   * @param precision how to store
   */
  public PredictorOptions withPrecision(Precision precision) {
    return new PredictorOptions(batch, strategy, precision, readers);
  }

  /**
   * {@return the same with another number of threads that read images ahead}
   *
   * @param threads at least 0 and at most 1024; 0: images are read between the batches
   */
  public PredictorOptions withReaders(int threads) {
    return new PredictorOptions(batch, strategy, precision, OptionalInt.of(threads));
  }
}
