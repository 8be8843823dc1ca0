package io.github.densenet4j.backend.cuda.driver;

import java.util.function.IntSupplier;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;

/**
 * A device's primary context, current on the platform thread that opened it and used by that thread alone. Some errors,
 * such as an illegal address, end a context: nothing in it works after that, and closing it gives back all it held.
 */
public final class CudaContext implements AutoCloseable {
  private final CudaDevice device;
  private final CUdevice handle;
  private final Thread owner = Thread.currentThread();
  private boolean lost;
  private boolean closed;

  /**
   * @throws IllegalStateException on a virtual thread: it would carry the context from one thread to another
   * @throws io.github.densenet4j.error.DeviceException if the driver refuses
   */
  public CudaContext(CudaDevice device) {
    if (owner.isVirtual()) {
      throw new IllegalStateException("a CUDA device needs a platform thread, " + owner + " is a virtual one");
    }
    this.device = device;
    handle = CudaDevice.handle(device.ordinal());
    var context = new CUcontext();
    Status.check(JCudaDriver.cuDevicePrimaryCtxRetain(context, handle), "cuDevicePrimaryCtxRetain on " + device.name());
    int status = JCudaDriver.cuCtxSetCurrent(context);
    if (status != 0) {
      JCudaDriver.cuDevicePrimaryCtxRelease(handle);
      throw Status.failure(status, "cuCtxSetCurrent on " + device.name());
    }
  }

  public CudaDevice device() {
    return device;
  }

  /** @throws IllegalStateException if the context is closed, lost, or another thread's */
  public void requireUsable() {
    if (closed) {
      throw new IllegalStateException("the CUDA context is closed");
    }
    if (lost) {
      throw new IllegalStateException("an earlier error has ended this CUDA context: close it and open another one");
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
    lost |= Status.losesContext(status);
    Status.check(status, call);
  }

  /** Gives something back with {@code call}, unless it went with the context. */
  void release(IntSupplier call, String name) {
    if (lost) {
      return;
    }
    requireUsable();
    int status = call.getAsInt();
    lost = Status.losesContext(status);
    if (!lost) {
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
    lost = lost || !closed && Status.losesContext(JCudaDriver.cuMemGetInfo(new long[1], new long[1]));
    return lost;
  }

  @Override
  public void close() {
    if (closed) {
      return;
    }
    requireOwner();
    boolean reset = lost();
    closed = true;
    int released = JCudaDriver.cuDevicePrimaryCtxRelease(handle);
    if (reset) {
      Status.check(JCudaDriver.cuDevicePrimaryCtxReset(handle), "cuDevicePrimaryCtxReset on " + device.name());
    } else {
      Status.check(released, "cuDevicePrimaryCtxRelease on " + device.name());
    }
  }
}
