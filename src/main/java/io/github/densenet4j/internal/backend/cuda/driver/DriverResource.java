package io.github.densenet4j.internal.backend.cuda.driver;

import java.util.function.IntSupplier;

/** Something that the driver keeps for a context until it is given back. */
final class DriverResource {
  private final CudaContext context;
  private final String title;
  private boolean closed;

  /** @param title what it is, for messages, such as {@code CUDA stream} */
  DriverResource(CudaContext context, String title) {
    context.requireUsable();
    this.context = context;
    this.title = title;
  }

  /** @throws IllegalStateException if it was given back, or its context cannot be used here and now */
  void require() {
    if (closed) {
      throw new IllegalStateException("the " + title + " is closed");
    }
    context.requireUsable();
  }

  /** Gives it back, unless it went with its context; does nothing the second time. */
  void close(IntSupplier call, String name) {
    if (closed) {
      return;
    }
    context.requireOwner();
    context.release(call, name);
    closed = true;
  }
}
