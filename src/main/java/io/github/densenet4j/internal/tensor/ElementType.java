package io.github.densenet4j.internal.tensor;

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

  /** The nearest value that a tensor of this type can hold, of two as near the even one; NaN stays NaN. */
  public float round(float value) {
    if (this == FLOAT32 || Float.isNaN(value)) {
      return value;
    }
    int bits = Float.floatToRawIntBits(value);
    return Float.intBitsToFloat(bits + (bits >>> 16 & 1) + 0x7fff & 0xffff0000);
  }
}
