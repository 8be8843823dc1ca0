package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.tensor.BufferView;
import io.github.densenet4j.internal.tensor.ChannelSlice;

/**
 * A tensor of an operation under test and what it holds before the operation runs.
 *
 * @param written whether the operation may write it
 * @param words the contents, dense (pixels, channels), one 4-byte word a value
 */
public record Operand(Place place, boolean written, int[] words) {
  public BufferView view() {
    return new BufferView(place.buffer(), (long) place.offset() * Float.BYTES);
  }

  public ChannelSlice slice() {
    return new ChannelSlice(view(), place.pitch());
  }

  public double[] values() {
    return values(words);
  }

  /** Words as float32 values. */
  static double[] values(int[] words) {
    var values = new double[words.length];
    for (int i = 0; i < words.length; i++) {
      values[i] = Float.intBitsToFloat(words[i]);
    }
    return values;
  }
}
