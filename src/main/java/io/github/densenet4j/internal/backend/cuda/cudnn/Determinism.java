package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;

/** {@code cudnnDeterminism_t}. */
public enum Determinism implements NativeConstant {
  NON_DETERMINISTIC(0),
  DETERMINISTIC(1);

  private final int value;

  Determinism(int value) {
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
