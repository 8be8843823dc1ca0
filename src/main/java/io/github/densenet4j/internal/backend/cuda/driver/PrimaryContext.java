package io.github.densenet4j.internal.backend.cuda.driver;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.JCudaDriver;

/**
 * The one context of a device that the driver shares out within a process, from the first who retains it to the last
 * who releases it. An error that ends it ends it for all of them, and a new one begins when the last has released it.
 */
final class PrimaryContext {
  private static final Map<Integer, PrimaryContext> RETAINED = new HashMap<>();

  private final CudaDevice device;
  private final CUdevice handle;
  private final List<CudaContext> users = new ArrayList<>();
  private volatile boolean lost;

  private PrimaryContext(CudaDevice device) {
    this.device = device;
    handle = CudaDevice.handle(device.ordinal());
  }

  /**
   * Makes the device's context current in this thread.
   *
   * @throws IllegalStateException if an error has ended it and others still have it
   */
  static PrimaryContext retain(CudaDevice device, CudaContext user) {
    synchronized (RETAINED) {
      var former = RETAINED.get(device.ordinal());
      if (former != null && former.lost) {
        former.requireGivenUp();
      }
      var context = RETAINED.getOrDefault(device.ordinal(), new PrimaryContext(device));
      context.makeCurrent();
      context.users.add(user);
      RETAINED.put(device.ordinal(), context);
      return context;
    }
  }

  /** Has the users in this thread close it, if they need it no more. */
  private void requireGivenUp() {
    for (var user : List.copyOf(users)) {
      user.giveUp();
    }
    if (!users.isEmpty()) {
      throw new IllegalStateException(
          "an earlier error has ended the CUDA context of " + device.name() + ", and others in this process still hold"
              + " it (" + users.size() + "): close their sessions, and in other threads their devices, first");
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

  /** The last one to release a lost context also resets it: all that it held is gone then. */
  void release(CudaContext user) {
    synchronized (RETAINED) {
      users.remove(user);
      if (users.isEmpty()) {
        RETAINED.remove(device.ordinal());
      }
      int released = JCudaDriver.cuDevicePrimaryCtxRelease(handle);
      if (!lost) {
        Status.check(released, "cuDevicePrimaryCtxRelease on " + device.name());
      } else if (users.isEmpty()) {
        Status.check(JCudaDriver.cuDevicePrimaryCtxReset(handle), "cuDevicePrimaryCtxReset on " + device.name());
      }
    }
  }
}
