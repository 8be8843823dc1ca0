package io.github.densenet4j.internal.backend.cuda.driver;

import jcuda.driver.CUgraph;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/** A queue of work on a device; what is put in runs in that order, while the host goes on. */
public final class CudaStream implements AutoCloseable {
  /** JCuda shows no handle but to its own. */
  private static final class Handle extends CUstream {
    long address() {
      return getNativePointer();
    }
  }

  private final CudaContext context;
  private final DriverResource resource;
  private final Handle handle = new Handle();

  public CudaStream(CudaContext context) {
    resource = new DriverResource(context, "CUDA stream");
    this.context = context;
    context.check(JCudaDriver.cuStreamCreate(handle, CUstream_flags.CU_STREAM_NON_BLOCKING), "cuStreamCreate");
  }

  /** For libraries that put work in it. */
  public long address() {
    resource.require();
    return handle.address();
  }

  CUstream handle() {
    resource.require();
    return handle;
  }

  public CudaContext context() {
    return context;
  }

  /** Lets what is put in from now on wait for a mark that another stream has been given. */
  public void await(CudaEvent mark) {
    context.check(JCudaDriver.cuStreamWaitEvent(handle(), mark.handle(), 0), "cuStreamWaitEvent");
  }

  /** Waits until all that was put in is done. */
  public void synchronize() {
    context.check(JCudaDriver.cuStreamSynchronize(handle()), "cuStreamSynchronize");
  }

  /**
   * Records what {@code work} puts into this stream instead of running it.
   *
   * @throws io.github.densenet4j.error.DeviceException if the work cannot be recorded
   */
  public CudaGraph capture(Runnable work) {
    context.check(
        JCudaDriver.cuStreamBeginCapture(handle(), CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL),
        "cuStreamBeginCapture");
    var graph = new CUgraph();
    try {
      work.run();
    } catch (RuntimeException e) {
      if (JCudaDriver.cuStreamEndCapture(handle, graph) == 0) {
        JCudaDriver.cuGraphDestroy(graph);
      }
      throw e;
    }
    context.check(JCudaDriver.cuStreamEndCapture(handle, graph), "cuStreamEndCapture");
    return new CudaGraph(context, graph);
  }

  @Override
  public void close() {
    resource.close(() -> JCudaDriver.cuStreamDestroy(handle), "cuStreamDestroy");
  }
}
