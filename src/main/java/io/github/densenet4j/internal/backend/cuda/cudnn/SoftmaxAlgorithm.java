package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;

/** {@code cudnnSoftmaxAlgorithm_t}. */
public enum SoftmaxAlgorithm implements NativeConstant {
  /** Overflows where inputs are large. */
  FAST(0),
  /** Subtracts the maximum first. */
  ACCURATE(1),
  /** The logarithm of it. */
  LOG(2);

  private final int value;

  SoftmaxAlgorithm(int value) {
    this.value = value;
  }

  @Override
  public int value() {
    return value;
  }

  @Override
  public String nativeName() {
    return "CUDNN_SOFTMAX_" + name();
  }
}
