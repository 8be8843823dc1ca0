package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;

/** {@code cudnnDataType_t}: what tensors consist of. Scaling factors are float32 for all of them. */
public enum DataType implements NativeConstant {
  FLOAT(0, Float.BYTES),
  HALF(2, Short.BYTES),
  BFLOAT16(9, Short.BYTES);

  private final int value;
  private final int bytes;

  DataType(int value, int bytes) {
    this.value = value;
    this.bytes = bytes;
  }

  /** Of one value. */
  int bytes() {
    return bytes;
  }

  @Override
  public int value() {
    return value;
  }

  @Override
  public String nativeName() {
    return "CUDNN_DATA_" + name();
  }
}
