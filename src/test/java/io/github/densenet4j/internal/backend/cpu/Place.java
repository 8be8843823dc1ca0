package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.tensor.Buffer;
import java.util.Arrays;

/**
 * A channel slice of a buffer; a vector is a slice of one pixel. Sizes are in 4-byte words.
 *
 * @param pitch words from one pixel to the next
 * @param offset words before the first channel of the first pixel
 */
public record Place(Buffer buffer, int pixels, int channels, int pitch, int offset) {
  /** The word of value {@code i} of the slice, counted densely (pixels, channels). */
  int word(int i) {
    return i / channels * pitch + offset + i % channels;
  }

  int size() {
    return pixels * channels;
  }

  /** Puts the values of the slice into {@code memory}, in which the buffer begins at {@code start}. */
  public void scatter(int[] words, int[] memory, int start) {
    for (int i = 0; i < words.length; i++) {
      memory[start + word(i)] = words[i];
    }
  }

  /** The values of the slice, dense. */
  public int[] gather(int[] memory, int start) {
    var words = new int[size()];
    Arrays.setAll(words, i -> memory[start + word(i)]);
    return words;
  }
}
