package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;

/** {@code cudnnConvolutionFwdAlgo_t}. */
public enum ForwardAlgorithm implements NativeConstant {
  IMPLICIT_GEMM(0),
  IMPLICIT_PRECOMP_GEMM(1),
  GEMM(2),
  DIRECT(3),
  FFT(4),
  FFT_TILING(5),
  WINOGRAD(6),
  WINOGRAD_NONFUSED(7);

  private final int value;

  ForwardAlgorithm(int value) {
    this.value = value;
  }

  @Override
  public int value() {
    return value;
  }

  @Override
  public String nativeName() {
    return "CUDNN_CONVOLUTION_FWD_ALGO_" + name();
  }
}
