package io.github.densenet4j.internal.io;

import java.util.List;

/**
 * What a safetensors file says of one tensor.
 *
 * @param type the element type
 * @param shape the extents, outermost first; empty for a scalar
 */
public record TensorInfo(SafetensorsType type, List<Long> shape) {
  /**
   * Checks the extents.
   *
   * @throws IllegalArgumentException if an extent is negative
   * @throws ArithmeticException if the size in bytes is beyond a long
   */
  public TensorInfo {
    shape = List.copyOf(shape);
    long product = type.bytes();
    for (long extent : shape) {
      if (extent < 0) {
        throw new IllegalArgumentException("extent " + extent + " is negative");
      }
      product = Math.multiplyExact(product, extent);
    }
  }

  /** The number of elements; 1 for a scalar. */
  public long elements() {
    return shape.stream().reduce(1L, (a, b) -> a * b);
  }

  /** The size of the data in bytes. */
  public long bytes() {
    return elements() * type.bytes();
  }
}
