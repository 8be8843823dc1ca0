package io.github.densenet4j.internal.backend.cuda.cudnn;

import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/** {@code cudnn...Descriptor_t}: what an operand or an operation looks like, told to cuDNN once. */
public final class Descriptor<S> implements AutoCloseable {
  private final Cudnn cudnn;
  private final Kind kind;
  private final S shape;
  private long address;

  /**
   * The functions of a kind of descriptor.
   *
   * @param name as in the functions' names, such as Tensor
   */
  record Kind(String name, MethodHandle create, MethodHandle destroy) {}

  /** A call that sets a descriptor's values. */
  @FunctionalInterface
  interface Setter {
    int set(long address) throws Throwable;
  }

  /** @param function the name of what {@code setter} calls; what cuDNN refuses is destroyed again */
  Descriptor(Cudnn cudnn, Kind kind, S shape, String function, Setter setter) {
    this.cudnn = cudnn;
    this.kind = kind;
    this.shape = shape;
    cudnn.handle();
    var result = cudnn.result();
    cudnn.call("cudnnCreate" + kind.name + "Descriptor", () -> (int) kind.create.invokeExact(result));
    address = result.get(ValueLayout.JAVA_LONG, 0);
    cudnn.descriptorOpened();
    try {
      cudnn.call(function, () -> setter.set(address), shape);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  public S shape() {
    return shape;
  }

  long address() {
    if (address == 0) {
      throw new IllegalStateException("this " + kind.name + " descriptor is closed");
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
    cudnn.call("cudnnDestroy" + kind.name + "Descriptor", () -> (int) kind.destroy.invokeExact(open));
  }

  @Override
  public String toString() {
    return shape.toString();
  }
}
