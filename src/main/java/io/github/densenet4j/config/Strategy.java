package io.github.densenet4j.config;

import java.util.Locale;

/**
 * How a network is computed. All strategies give the same gradients and weights, up to rounding; they differ in memory
 * and speed.
 *
 * @since 0.1
 */
public enum Strategy {
  /** The default: one feature buffer per dense block; BN and ReLU are applied by the convolutions that read it. */
  FUSED,
  /** Concatenated and normalised tensors live for one layer only and are recomputed (Pleiss et al. 2017). */
  SHARED,
  /** What frameworks do: every layer keeps its concatenated, normalised and rectified input. */
  NAIVE;

  /** {@return the name in tables and files: the constant's in small letters} */
  public String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
