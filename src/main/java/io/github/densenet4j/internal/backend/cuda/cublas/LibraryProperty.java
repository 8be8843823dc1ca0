package io.github.densenet4j.internal.backend.cuda.cublas;

import io.github.densenet4j.internal.backend.cuda.library.NativeConstant;

/** {@code libraryPropertyType}. */
enum LibraryProperty implements NativeConstant {
  MAJOR_VERSION(0),
  MINOR_VERSION(1),
  PATCH_LEVEL(2);

  private final int value;

  LibraryProperty(int value) {
    this.value = value;
  }

  @Override
  public int value() {
    return value;
  }

  @Override
  public String nativeName() {
    return "" + name();
  }
}
