package io.github.densenet4j.internal.backend.cuda.driver;

import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUevent_record_flags;
import jcuda.driver.JCudaDriver;

/** A mark in a stream that can be waited for. */
public final class CudaEvent implements AutoCloseable {
  private static final double NANOSECONDS_A_MILLISECOND = 1e6;

  private final CudaContext context;
  private final DriverResource resource;
  private final CUevent handle = new CUevent();

  private CudaEvent(CudaContext context, int flags) {
    resource = new DriverResource(context, "CUDA event");
    this.context = context;
    context.check(JCudaDriver.cuEventCreate(handle, flags), "cuEventCreate");
  }

  /** An event without a time, which is cheaper. */
  public static CudaEvent untimed(CudaContext context) {
    return new CudaEvent(context, CUevent_flags.CU_EVENT_DISABLE_TIMING);
  }

  public static CudaEvent timed(CudaContext context) {
    return new CudaEvent(context, CUevent_flags.CU_EVENT_DEFAULT);
  }

  CUevent handle() {
    resource.require();
    return handle;
  }

  /** Marks the end of what {@code stream} holds now. */
  public void record(CudaStream stream) {
    resource.require();
    context.check(JCudaDriver.cuEventRecord(handle, stream.handle()), "cuEventRecord");
  }

  /** Makes the mark a node of the graph that {@code stream} is captured in: each run of that marks anew. */
  public void recordInGraph(CudaStream stream) {
    resource.require();
    context.check(
        JCudaDriver.cuEventRecordWithFlags(handle, stream.handle(), CUevent_record_flags.CU_EVENT_RECORD_EXTERNAL),
        "cuEventRecordWithFlags");
  }

  /** Waits until the stream has come to the mark; at once if there is none. */
  public void synchronize() {
    resource.require();
    context.check(JCudaDriver.cuEventSynchronize(handle), "cuEventSynchronize");
  }

  /** Nanoseconds from this mark to a later one; both timed and reached. */
  public long until(CudaEvent later) {
    resource.require();
    later.resource.require();
    var milliseconds = new float[1];
    context.check(JCudaDriver.cuEventElapsedTime(milliseconds, handle, later.handle), "cuEventElapsedTime");
    return Math.round(milliseconds[0] * NANOSECONDS_A_MILLISECOND);
  }

  @Override
  public void close() {
    resource.close(() -> JCudaDriver.cuEventDestroy(handle), "cuEventDestroy");
  }
}
