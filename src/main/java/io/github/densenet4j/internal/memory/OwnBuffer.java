package io.github.densenet4j.internal.memory;

import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.Buffer;
import io.github.densenet4j.internal.tensor.Category;

/**
 * A buffer that a device needs besides those that a program knows of; the plan finds it again by its name.
 *
 * @param first the first operation that touches it; null if it lasts
 * @param last the last one; null if it lasts
 */
public record OwnBuffer(Buffer buffer, Op first, Op last) {
  /** One that keeps its contents. */
  public static OwnBuffer lasting(String name, Category category, long bytes) {
    return new OwnBuffer(new Buffer(name, "", category, bytes, true), null, null);
  }

  /** One that lives from {@code first} to {@code last}, which are operations of the program. */
  public static OwnBuffer between(String name, long bytes, Op first, Op last) {
    return new OwnBuffer(new Buffer(name, "", Category.ACTIVATIONS, bytes, false), first, last);
  }

  public String name() {
    return buffer.name();
  }
}
