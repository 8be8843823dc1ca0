package io.github.densenet4j.internal.backend.cuda.cublas;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;

/** {@code cublasOperation_t}, of matrices whose columns are consecutive in memory. */
enum Transposition implements NativeConstant {
  /** As it is. */
  OP_N(0),
  /** Transposed. */
  OP_T(1);

  private final int value;

  Transposition(int value) {
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
