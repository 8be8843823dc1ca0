package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;

/** {@code cudnnSoftmaxMode_t}. */
public enum SoftmaxMode implements NativeConstant {
  /** Over channels and pixels of an image. */
  INSTANCE(0),
  /** Over the channels of a pixel. */
  CHANNEL(1);

  private final int value;

  SoftmaxMode(int value) {
    this.value = value;
  }

  @Override
  public int value() {
    return value;
  }

  @Override
  public String nativeName() {
    return "CUDNN_SOFTMAX_MODE_" + name();
  }
}
