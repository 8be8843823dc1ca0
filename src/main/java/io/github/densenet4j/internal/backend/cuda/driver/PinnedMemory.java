package io.github.densenet4j.internal.backend.cuda.driver;

import java.lang.foreign.MemorySegment;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.JCudaDriver;

/** Host memory that a device reads and writes by itself, while the host does something else. */
public final class PinnedMemory implements AutoCloseable {
  private final CudaContext context;
  private final DriverResource resource;
  private final Pointer handle = new Pointer();
  private final MemorySegment segment;

  /** @param bytes at most what a Java buffer holds */
  public PinnedMemory(CudaContext context, int bytes) {
    resource = new DriverResource(context, "pinned memory");
    this.context = context;
    context.check(
        JCudaDriver.cuMemHostAlloc(handle, bytes, JCudaDriver.CU_MEMHOSTALLOC_DEVICEMAP),
        "cuMemHostAlloc of " + bytes + " bytes");
    segment = MemorySegment.ofBuffer(handle.getByteBuffer(0, bytes));
  }

  public long bytes() {
    return segment.byteSize();
  }

  /** The memory itself; not to be touched after {@link #close}. */
  public MemorySegment segment() {
    resource.require();
    return segment;
  }

  /** Puts into a stream that every 4 bytes become {@code value}; the host sees it when the stream has come to that. */
  public void fill(int value, CudaStream stream) {
    context.check(
        JCudaDriver.cuMemsetD32Async(mapped(), value, bytes() / Integer.BYTES, stream.handle()),
        "cuMemsetD32Async of " + bytes() + " bytes of pinned memory");
  }

  /** Where the device sees it. */
  public DevicePointer device() {
    return DevicePointer.of(context, mapped());
  }

  private CUdeviceptr mapped() {
    resource.require();
    var address = new CUdeviceptr();
    context.check(JCudaDriver.cuMemHostGetDevicePointer(address, handle, 0), "cuMemHostGetDevicePointer");
    return address;
  }

  Pointer pointer(long offset) {
    resource.require();
    return handle.withByteOffset(offset);
  }

  @Override
  public void close() {
    resource.close(() -> JCudaDriver.cuMemFreeHost(handle), "cuMemFreeHost");
  }
}
