package io.github.densenet4j.backend.cpu;

import io.github.densenet4j.tensor.Buffer;

/**
 * A channel slice of a buffer; a vector is a slice of one pixel. Sizes are in 4-byte words.
 *
 * @param pitch words from one pixel to the next
 * @param offset words before the first channel of the first pixel
 */
record Place(Buffer buffer, int pixels, int channels, int pitch, int offset) {
  /** The word of value {@code i} of the slice, counted densely (pixels, channels). */
  int word(int i) {
    return i / channels * pitch + offset + i % channels;
  }

  int size() {
    return pixels * channels;
  }
}
