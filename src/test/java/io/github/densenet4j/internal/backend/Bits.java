package io.github.densenet4j.internal.backend;

import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Values as what they are in memory: a comparison of these tells apart what one of numbers takes for equal. */
public final class Bits {
  private Bits() {}

  /** Those of all tensors, one after the other. */
  public static int[] of(float[]... tensors) {
    return Stream.of(tensors)
        .flatMapToInt(values -> IntStream.range(0, values.length).map(i -> Float.floatToRawIntBits(values[i])))
        .toArray();
  }
}
