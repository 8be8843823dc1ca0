package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;

/** {@code cudnnConvolutionBwdFilterAlgo_t}. */
public enum BackwardFilterAlgorithm implements NativeConstant {
  /** Adds up in no fixed order. */
  ALGO_0(0),
  ALGO_1(1),
  ALGO_FFT(2),
  /** Adds up in no fixed order. */
  ALGO_3(3),
  ALGO_WINOGRAD(4),
  ALGO_WINOGRAD_NONFUSED(5),
  ALGO_FFT_TILING(6);

  private final int value;

  BackwardFilterAlgorithm(int value) {
    this.value = value;
  }

  @Override
  public int value() {
    return value;
  }

  @Override
  public String nativeName() {
    return "CUDNN_CONVOLUTION_BWD_FILTER_" + name();
  }
}
