package io.github.densenet4j.internal.backend.cuda.driver;

import io.github.densenet4j.error.DeviceException;
import java.util.HashMap;
import java.util.Map;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;

/**
 * The one context of a device that the driver shares out within a process, from the first who retains it to the last
 * who releases it. An error that ends it ends it for all of them and for all who come later: only another process has
 * the device again.
 */
final class PrimaryContext {
  private static final Map<Integer, PrimaryContext> RETAINED = new HashMap<>();

  private final CudaDevice device;
  private final CUdevice handle;
  private int users;
  private volatile boolean lost;

  private PrimaryContext(CudaDevice device) {
    this.device = device;
    handle = CudaDevice.handle(device.ordinal());
  }

  /**
   * Makes the device's context current in this thread.
   *
   * @throws DeviceException if an error has ended it in this process
   */
  static PrimaryContext retain(CudaDevice device) {
    synchronized (RETAINED) {
      var context = RETAINED.getOrDefault(device.ordinal(), new PrimaryContext(device));
      if (context.lost) {
        throw new DeviceException(
            "an earlier error has ended the CUDA context of " + device.name() + " in this process: start the process"
                + " again");
      }
      context.makeCurrent();
      context.users++;
      RETAINED.put(device.ordinal(), context);
      return context;
    }
  }

  private void makeCurrent() {
    var context = new CUcontext();
    Status.check(JCudaDriver.cuDevicePrimaryCtxRetain(context, handle), "cuDevicePrimaryCtxRetain on " + device.name());
    int status = JCudaDriver.cuCtxSetCurrent(context);
    if (status != 0) {
      JCudaDriver.cuDevicePrimaryCtxRelease(handle);
      throw Status.failure(status, "cuCtxSetCurrent on " + device.name());
    }
  }

  /** Whether an error is known to have ended it. */
  boolean lost() {
    return lost;
  }

  void lose() {
    lost = true;
  }

  /** A lost one is remembered, and what it held stays with the driver until the process ends. */
  void release() {
    synchronized (RETAINED) {
      users--;
      int released = JCudaDriver.cuDevicePrimaryCtxRelease(handle);
      if (!lost) {
        if (users == 0) {
          RETAINED.remove(device.ordinal());
        }
        Status.check(released, "cuDevicePrimaryCtxRelease on " + device.name());
      }
    }
  }

  /**
   * Makes a device as a new process would find it. Only the software device can be: NVIDIA's libraries keep hold of a
   * context.
   *
   * @throws IllegalStateException if somebody still has it
   */
  static void startAgain(CudaDevice device) {
    synchronized (RETAINED) {
      var context = RETAINED.get(device.ordinal());
      if (context == null) {
        return;
      }
      if (context.users > 0) {
        throw new IllegalStateException("the CUDA context of " + device.name() + " is in use: " + context.users);
      }
      RETAINED.remove(device.ordinal());
      Status.check(JCudaDriver.cuDevicePrimaryCtxReset(context.handle), "cuDevicePrimaryCtxReset on " + device.name());
    }
  }
}
