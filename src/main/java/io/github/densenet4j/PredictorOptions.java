package io.github.densenet4j;

import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.error.ConfigurationException;
import java.util.Objects;

/**
 * How a {@link Predictor} computes.
 *
 * @param batch the most images that are computed at a time, at least 1; memory grows with it
 * @param strategy how the network is computed; all give the same answers up to rounding
 * @param precision how feature maps are stored
 * @since 0.1
 */
public record PredictorOptions(int batch, Strategy strategy, Precision precision) {
  /** Up to 32 images at a time, strategy fused, float32. */
  public static final PredictorOptions DEFAULT = new PredictorOptions(32, Strategy.FUSED, Precision.FLOAT32);

  /**
   * Checks the batch.
   *
   * @throws ConfigurationException if it is below 1
   */
  public PredictorOptions {
    if (batch < 1) {
      throw new ConfigurationException("batch size is " + batch + ", it must be at least 1", "batch size");
    }
    Objects.requireNonNull(strategy, "strategy");
    Objects.requireNonNull(precision, "precision");
  }

  /**
   * {@return the same with another batch}
   *
   * @param batch at least 1
   */
  public PredictorOptions withBatch(int batch) {
    return new PredictorOptions(batch, strategy, precision);
  }

  /**
   * {@return the same with another strategy}
   *
   * @param strategy how to compute
   */
  public PredictorOptions withStrategy(Strategy strategy) {
    return new PredictorOptions(batch, strategy, precision);
  }

  /**
   * {@return the same with another precision}
   *
   * @param precision how to store
   */
  public PredictorOptions withPrecision(Precision precision) {
    return new PredictorOptions(batch, strategy, precision);
  }
}
