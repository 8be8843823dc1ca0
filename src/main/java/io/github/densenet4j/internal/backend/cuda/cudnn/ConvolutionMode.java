package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;

/** {@code cudnnConvolutionMode_t}. */
public enum ConvolutionMode implements NativeConstant {
  /** The filter is flipped. */
  CONVOLUTION(0),
  /** What networks call a convolution. */
  CROSS_CORRELATION(1);

  private final int value;

  ConvolutionMode(int value) {
    this.value = value;
  }

  @Override
  public int value() {
    return value;
  }

  @Override
  public String nativeName() {
    return "CUDNN_" + name();
  }
}
