package io.github.densenet4j.internal.backend.cuda.cublas;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;

/** {@code cublasMath_t}: what may multiply float32. */
public enum MathMode implements NativeConstant {
  /** Nothing but float32. */
  DEFAULT_MATH(0),
  /** The same, without algorithms that compute less exactly. */
  PEDANTIC_MATH(2),
  /** TF32 tensor cores, where the device has them. */
  TF32_TENSOR_OP_MATH(3);

  private final int value;

  MathMode(int value) {
    this.value = value;
  }

  @Override
  public int value() {
    return value;
  }

  @Override
  public String nativeName() {
    return "CUBLAS_" + name();
  }
}
