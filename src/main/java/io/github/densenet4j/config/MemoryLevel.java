package io.github.densenet4j.config;

import java.util.Locale;

/**
 * How much of the forward pass is kept for the backward pass.
 *
 * @since 0.1
 */
public enum MemoryLevel {
  /** All that the strategy needs. */
  DEFAULT,
  /** The outputs of the bottleneck convolutions are recomputed as well; of {@link Strategy#FUSED} only. */
  MINIMAL;

  /** {@return the name in tables and files: the constant's in small letters} */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
