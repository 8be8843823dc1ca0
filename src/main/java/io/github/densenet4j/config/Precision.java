package io.github.densenet4j.config;

/**
 * How feature maps and their gradients are stored; parameters, statistics and sums are float32 in any case.
 *
 * @since 0.1
 */
public enum Precision {
  /** IEEE 754 single precision. */
  FLOAT32("fp32"),
  /** The upper half of a float32, rounded to nearest even: half the memory, 8 bits of precision. */
  BFLOAT16("bf16");

  private final String label;

  Precision(String label) {
    this.label = label;
  }

  /** {@return the name in tables and files, such as {@code bf16}} */
  public String label() {
    return label;
  }
}
