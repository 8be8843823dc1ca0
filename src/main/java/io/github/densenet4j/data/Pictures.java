package io.github.densenet4j.data;

import io.github.densenet4j.internal.io.DecodedImage;

/** Labelled images of any size and colours, decoded when they are asked for. Safe for use by several threads at once. */
interface Pictures {
  int count();

  /** The class of an image, at least 0. */
  int label(int index);

  DecodedImage picture(int index);

  /** Whether one of them may have samples of more than 8 bits. */
  boolean isDeep();

  /** What tells their content from other. */
  String digest();
}
