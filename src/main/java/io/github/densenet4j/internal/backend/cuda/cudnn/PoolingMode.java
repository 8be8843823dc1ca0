package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;

/** {@code cudnnPoolingMode_t}. */
public enum PoolingMode implements NativeConstant {
  MAX(0),
  AVERAGE_COUNT_INCLUDE_PADDING(1),
  AVERAGE_COUNT_EXCLUDE_PADDING(2),
  MAX_DETERMINISTIC(3);

  private final int value;

  PoolingMode(int value) {
    this.value = value;
  }

  @Override
  public int value() {
    return value;
  }

  @Override
  public String nativeName() {
    return "CUDNN_POOLING_" + name();
  }
}
