package io.github.densenet4j.internal.backend.cuda.driver;

import java.util.function.IntSupplier;
import jcuda.driver.JCudaDriver;

/**
 * A device's primary context, current on the platform thread that opened it and used by that thread alone. Some errors,
 * such as an illegal address, end it for all that use the device in this process: nothing in it works after that, and
 * the process has to be started again.
 */
public final class CudaContext implements AutoCloseable {
  private final CudaDevice device;
  private final PrimaryContext primary;
  private final Thread owner = Thread.currentThread();
  private boolean closed;

  /**
   * @throws IllegalStateException on a virtual thread: it would carry the context from one thread to another
   * @throws io.github.densenet4j.error.DeviceException if the driver refuses, or an error has ended the context
   */
  public CudaContext(CudaDevice device) {
    if (owner.isVirtual()) {
      throw new IllegalStateException("a CUDA device needs a platform thread, " + owner + " is a virtual one");
    }
    this.device = device;
    primary = PrimaryContext.retain(device);
  }

  /**
   * Makes a device as a new process would find it: for the software device in tests, which end its context.
   *
   * @throws IllegalStateException if somebody still has its context
   */
  public static void startAgain(CudaDevice device) {
    PrimaryContext.startAgain(device);
  }

  public CudaDevice device() {
    return device;
  }

  /** @throws IllegalStateException if the context is closed, lost, or another thread's */
  public void requireUsable() {
    if (closed) {
      throw new IllegalStateException("the CUDA context is closed");
    }
    if (knownLost()) {
      throw new IllegalStateException(
          "an earlier error has ended this CUDA context, which all that use the device in this process share: start"
              + " the process again");
    }
    requireOwner();
  }

  /** @throws IllegalStateException in another thread than the one that opened the context */
  public void requireOwner() {
    if (Thread.currentThread() != owner) {
      throw new IllegalStateException(
          "this CUDA device belongs to the thread " + owner.getName() + " that opened it, and was used by "
              + Thread.currentThread().getName() + ": open one for each thread");
    }
  }

  /** @throws io.github.densenet4j.error.DeviceException if {@code status} is not success */
  void check(int status, String call) {
    note(status);
    Status.check(status, call);
  }

  private void note(int status) {
    if (Status.losesContext(status)) {
      primary.lose();
    }
  }

  /** Gives something back with {@code call}, unless it went with the context. */
  void release(IntSupplier call, String name) {
    if (knownLost()) {
      return;
    }
    requireUsable();
    int status = call.getAsInt();
    note(status);
    if (!knownLost()) {
      Status.check(status, name);
    }
  }

  /** Bytes of the device's memory that are free now. */
  public long freeBytes() {
    requireUsable();
    var free = new long[1];
    check(JCudaDriver.cuMemGetInfo(free, new long[1]), "cuMemGetInfo");
    return free[0];
  }

  /** Whether an error has ended the context. Does not wait: that would spoil what another thread captures in it. */
  public boolean lost() {
    if (!closed && !knownLost()) {
      note(JCudaDriver.cuMemGetInfo(new long[1], new long[1]));
    }
    return knownLost();
  }

  /** The same, as far as a call in this process has heard of it. */
  private boolean knownLost() {
    return primary.lost();
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    requireOwner();
    lost();
    closed = true;
    primary.release();
  }
}
