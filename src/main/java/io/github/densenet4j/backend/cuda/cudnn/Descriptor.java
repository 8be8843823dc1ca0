package io.github.densenet4j.backend.cuda.cudnn;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** The native part of a descriptor: made once, destroyed once. */
final class Descriptor implements AutoCloseable {
  private final Cudnn cudnn;
  private final String kind;
  private final MethodHandle destroy;
  private long address;

  /** @param kind as in the functions' names: Tensor */
  Descriptor(Cudnn cudnn, String kind, MethodHandle create, MethodHandle destroy) {
    this.cudnn = cudnn;
    this.kind = kind;
    this.destroy = destroy;
    cudnn.handle();
    var result = cudnn.result();
    cudnn.call("cudnnCreate" + kind + "Descriptor", () -> (int) create.invokeExact(result));
    address = result.get(ValueLayout.JAVA_LONG, 0);
    cudnn.descriptorOpened();
  }

  /** Fills a new descriptor; destroys it if cuDNN does not like the values. */
  void set(String function, Setter setter, Object shape) {
    try {
      cudnn.call(function, () -> setter.set(address), shape);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** A call that sets a descriptor's values. */
  @FunctionalInterface
  interface Setter {
    int set(long address) throws Throwable;
  }

  long address() {
    if (address == 0) {
      throw new IllegalStateException("this " + kind + " descriptor is closed");
    }
    return address;
  }

  @Override
  public void close() {
    if (address == 0) {
      return;
    }
    long open = address;
    address = 0;
    cudnn.descriptorClosed();
    cudnn.call("cudnnDestroy" + kind + "Descriptor", () -> (int) destroy.invokeExact(open));
  }
}
