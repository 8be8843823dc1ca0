package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;

/** {@code cudnnConvolutionBwdDataAlgo_t}. */
public enum BackwardDataAlgorithm implements NativeConstant {
  /** Adds up in no fixed order. */
  ALGO_0(0),
  ALGO_1(1),
  ALGO_FFT(2),
  ALGO_FFT_TILING(3),
  ALGO_WINOGRAD(4),
  ALGO_WINOGRAD_NONFUSED(5);

  private final int value;

  BackwardDataAlgorithm(int value) {
    this.value = value;
  }

  @Override
  public int value() {
    return value;
  }

  @Override
  public String nativeName() {
    return "CUDNN_CONVOLUTION_BWD_DATA_" + name();
  }
}
