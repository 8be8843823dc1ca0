package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;

/** {@code cudnnActivationMode_t}. */
public enum ActivationMode implements NativeConstant {
  SIGMOID(0),
  RELU(1),
  TANH(2),
  CLIPPED_RELU(3),
  ELU(4),
  IDENTITY(5),
  SWISH(6);

  private final int value;

  ActivationMode(int value) {
    this.value = value;
  }

  @Override
  public int value() {
    return value;
  }

  @Override
  public String nativeName() {
    return "CUDNN_ACTIVATION_" + name();
  }
}
