package io.github.densenet4j.backend.cuda.driver;

import java.util.function.IntSupplier;

/** Gives something back to the driver, unless it went with its context. */
final class Release {
  private Release() {}

  static void of(CudaContext context, IntSupplier call, String name) {
    if (!context.lost()) {
      context.requireUsable();
      context.check(call.getAsInt(), name);
    }
  }
}
