package io.github.densenet4j.tensor;

import io.github.densenet4j.error.ConfigurationException;
import java.util.Arrays;
import java.util.stream.Collectors;

/** How the values of a tensor are stored; in the order of the constants in native/include. */
public enum ElementType {
  /** IEEE 754 single precision. */
  FLOAT32("fp32", Float.BYTES),
  /** The upper half of a float32, rounded to nearest even: its range, with 8 bits of precision. */
  BFLOAT16("bf16", Short.BYTES);

  private final String label;
  private final int bytes;

  ElementType(String label, int bytes) {
    this.label = label;
    this.bytes = bytes;
  }

  /** The name on the command line and in reports. */
  public String label() {
    return label;
  }

  /** Bytes of a value. */
  public int bytes() {
    return bytes;
  }

  /** @throws ConfigurationException if there is none of that name */
  public static ElementType of(String label) {
    return Arrays.stream(values())
        .filter(type -> type.label.equals(label))
        .findFirst()
        .orElseThrow(
            () ->
                new ConfigurationException(
                    "--precision " + label + " is not known, choose one of "
                        + Arrays.stream(values()).map(ElementType::label).collect(Collectors.joining(", "))));
  }
}
