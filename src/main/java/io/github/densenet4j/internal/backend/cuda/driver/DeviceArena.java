package io.github.densenet4j.internal.backend.cuda.driver;

import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUresult;
import jcuda.driver.JCudaDriver;

/** One allocation of a device's memory, zeroed. */
public final class DeviceArena implements AutoCloseable {
  private final CudaContext context;
  private final DriverResource resource;
  private final CUdeviceptr handle = new CUdeviceptr();
  private final long bytes;
  private final DevicePointer start;

  /**
   * @param stream that uses the memory: zeroing is put into it
   * @throws io.github.densenet4j.error.DeviceException if the device has too little memory; says how much it has
   */
  public DeviceArena(CudaStream stream, long bytes) {
    context = stream.context();
    resource = new DriverResource(context, "device arena");
    this.bytes = bytes;
    int status = JCudaDriver.cuMemAlloc(handle, bytes);
    if (status == CUresult.CUDA_ERROR_OUT_OF_MEMORY) {
      throw Status.failure(
          status,
          "cuMemAlloc of " + bytes + " bytes on " + context.device().name() + ", which has " + context.freeBytes()
              + " bytes free,");
    }
    context.check(status, "cuMemAlloc of " + bytes + " bytes");
    try {
      context.check(
          JCudaDriver.cuMemsetD8Async(handle, (byte) 0, bytes, stream.handle()),
          "cuMemsetD8Async of " + bytes + " bytes");
      start = DevicePointer.of(context, handle);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  public DevicePointer start() {
    resource.require();
    return start;
  }

  public long bytes() {
    return bytes;
  }

  /** Puts a copy of host memory, pinned until the stream has come to it, to {@code offset} into a stream. */
  public void copyFrom(PinnedMemory source, long sourceOffset, long offset, long count, CudaStream stream) {
    resource.require();
    context.check(
        JCudaDriver.cuMemcpyHtoDAsync(
            handle.withByteOffset(offset), source.pointer(sourceOffset), count, stream.handle()),
        "cuMemcpyHtoDAsync of " + count + " bytes");
  }

  /** Puts a copy of its bytes from one offset to another, which do not overlap, into a stream. */
  public void copyWithin(long from, long to, long count, CudaStream stream) {
    resource.require();
    context.check(
        JCudaDriver.cuMemcpyDtoDAsync(handle.withByteOffset(to), handle.withByteOffset(from), count, stream.handle()),
        "cuMemcpyDtoDAsync of " + count + " bytes");
  }

  /** Puts zeros from {@code offset} on into a stream. */
  public void clear(long offset, long count, CudaStream stream) {
    resource.require();
    context.check(
        JCudaDriver.cuMemsetD8Async(handle.withByteOffset(offset), (byte) 0, count, stream.handle()),
        "cuMemsetD8Async of " + count + " bytes");
  }

  /** Puts a copy from {@code offset} to host memory into a stream. */
  public void copyTo(PinnedMemory target, long targetOffset, long offset, long count, CudaStream stream) {
    resource.require();
    context.check(
        JCudaDriver.cuMemcpyDtoHAsync(
            target.pointer(targetOffset), handle.withByteOffset(offset), count, stream.handle()),
        "cuMemcpyDtoHAsync of " + count + " bytes");
  }

  @Override
  public void close() {
    resource.close(() -> JCudaDriver.cuMemFree(handle), "cuMemFree");
  }
}
