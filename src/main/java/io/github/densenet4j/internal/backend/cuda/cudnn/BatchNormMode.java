package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;

/** {@code cudnnBatchNormMode_t}. */
public enum BatchNormMode implements NativeConstant {
  PER_ACTIVATION(0),
  /** Statistics of a channel over images and pixels. */
  SPATIAL(1),
  /** The same, faster, with a narrower range. */
  SPATIAL_PERSISTENT(2);

  private final int value;

  BatchNormMode(int value) {
    this.value = value;
  }

  @Override
  public int value() {
    return value;
  }

  @Override
  public String nativeName() {
    return "CUDNN_BATCHNORM_" + name();
  }
}
