package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;

/** {@code cudnnNanPropagation_t}. */
public enum NanPropagation implements NativeConstant {
  NOT_PROPAGATE_NAN(0),
  PROPAGATE_NAN(1);

  private final int value;

  NanPropagation(int value) {
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
