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

  /** @throws ConfigurationException if the batch is below 1 */
  public PredictorOptions {
    if (batch < 1) {
      throw new ConfigurationException("batch size is " + batch + ", it must be at least 1", "batch size");
    }
    Objects.requireNonNull(strategy, "strategy");
    Objects.requireNonNull(precision, "precision");
  }

  /** Returns the same with another batch. */
  public PredictorOptions withBatch(int batch) {
    return new PredictorOptions(batch, strategy, precision);
  }

  /** Returns the same with another strategy. */
  public PredictorOptions withStrategy(Strategy strategy) {
    return new PredictorOptions(batch, strategy, precision);
  }

  /** Returns the same with another precision. */
  public PredictorOptions withPrecision(Precision precision) {
    return new PredictorOptions(batch, strategy, precision);
  }
}
