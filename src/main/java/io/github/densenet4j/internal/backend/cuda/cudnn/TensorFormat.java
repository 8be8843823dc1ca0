package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;

/** {@code cudnnTensorFormat_t}: the order of a filter's dimensions, K being the output channels. */
public enum TensorFormat implements NativeConstant {
  /** KCRS. */
  NCHW(0),
  /** KRSC. */
  NHWC(1);

  private final int value;

  TensorFormat(int value) {
    this.value = value;
  }

  @Override
  public int value() {
    return value;
  }

  @Override
  public String nativeName() {
    return "CUDNN_TENSOR_" + name();
  }
}
