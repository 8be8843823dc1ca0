package io.github.densenet4j.config;

import java.util.Locale;

/** How much of the forward pass is kept for the backward pass. */
public enum MemoryLevel {
  /** All that the strategy needs. */
  DEFAULT,
  /** The outputs of the bottleneck convolutions are recomputed as well. */
  MINIMAL;

  /** The name on the command line. */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
