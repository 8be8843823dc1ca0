package io.github.densenet4j.internal.backend.library;

/** A call of a C function that returns a status. */
@FunctionalInterface
public interface NativeCall {
  int run() throws Throwable;

  /**
   * The status.
   *
   * @throws IllegalStateException if a handle or a descriptor is closed
   */
  default int status() {
    try {
      return run();
    } catch (IllegalStateException e) {
      throw e;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Native code throws nothing; whatever arrives here is a mistake in a binding. */
  static IllegalStateException unexpected(Throwable e) {
    return new IllegalStateException("a native call failed in its binding", e);
  }
}
