package io.github.densenet4j.internal.memory;

import io.github.densenet4j.internal.tensor.Buffer;

/**
 * When a buffer is needed.
 *
 * @param first the index of the first operation that touches it
 * @param last the index of the last
 */
public record Lifetime(Buffer buffer, int first, int last) {
  /** The buffer's size rounded up to whole units of alignment. */
  public long bytes() {
    return ArenaPlan.aligned(buffer.bytes());
  }

  /** Operations from the first to the last, both counted. */
  int length() {
    return last - first + 1;
  }

  /** Bytes times operations. */
  double area() {
    return (double) bytes() * length();
  }
}
