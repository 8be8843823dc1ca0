package io.github.densenet4j.internal.tensor;

/** What a buffer is for: the rows of a memory plan. */
public enum Category {
  PARAMETERS,
  GRADIENTS,
  OPTIMIZER,
  ACTIVATIONS,
  WORKSPACE,
  STAGING;

  /** The name in tables and JSON. */
  public String label() {
    return name().toLowerCase(java.util.Locale.ROOT);
  }
}
