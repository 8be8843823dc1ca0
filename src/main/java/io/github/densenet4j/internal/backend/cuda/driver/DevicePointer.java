package io.github.densenet4j.internal.backend.cuda.driver;

import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUpointer_attribute;
import jcuda.driver.JCudaDriver;

/** An address in device memory, which the host cannot read. */
public record DevicePointer(long address) {
  /** No memory at all. */
  public static final DevicePointer NULL = new DevicePointer(0);

  /** The address that JCuda keeps to itself. */
  static DevicePointer of(CudaContext context, CUdeviceptr handle) {
    var address = new long[1];
    context.check(
        JCudaDriver.cuPointerGetAttribute(
            Pointer.to(address), CUpointer_attribute.CU_POINTER_ATTRIBUTE_DEVICE_POINTER, handle),
        "cuPointerGetAttribute");
    return new DevicePointer(address[0]);
  }

  public DevicePointer plus(long bytes) {
    return new DevicePointer(address + bytes);
  }

  @Override
  public String toString() {
    return "0x" + Long.toHexString(address);
  }
}
