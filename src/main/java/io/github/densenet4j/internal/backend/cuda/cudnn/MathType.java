package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;

/** {@code cudnnMathType_t}: what may multiply float32. */
public enum MathType implements NativeConstant {
  /** TF32 tensor cores, where the device has them. */
  DEFAULT_MATH(0),
  TENSOR_OP_MATH(1),
  TENSOR_OP_MATH_ALLOW_CONVERSION(2),
  /** Nothing but float32. */
  FMA_MATH(3);

  private final int value;

  MathType(int value) {
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
