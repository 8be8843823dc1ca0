package io.github.densenet4j.backend.cuda.cudnn;

import io.github.densenet4j.backend.cuda.library.NativeConstant;

/** {@code cudnnDataType_t}: what tensors consist of. Scaling factors are float32 for all of them. */
public enum DataType implements NativeConstant {
  FLOAT(0),
  HALF(2),
  BFLOAT16(9);

  private final int value;

  DataType(int value) {
    this.value = value;
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
