package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.library.NativeCall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A cuDNN handle: work on one stream of one device. Whoever opened it closes it, from the thread in which the device's
 * context is current; all calls come from that thread. Errors are {@link io.github.densenet4j.error.DeviceException}s;
 * using it or a descriptor after close is an {@link IllegalStateException}.
 *
 * <p>Operations return before the device has done them and overwrite their destinations.
 */
public final class Cudnn implements AutoCloseable {
  private final CudnnLibrary library;
  private final CudnnCalls calls;
  private final AtomicInteger liveDescriptors = new AtomicInteger();
  private final Arena arena = Arena.ofShared();

  /** The scaling factors of all operations. */
  private final MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 1);

  private final MemorySegment zero = arena.allocateFrom(ValueLayout.JAVA_FLOAT, 0);

  /** Where functions put a word that they return. */
  private final MemorySegment result = arena.allocate(ValueLayout.JAVA_LONG);

  private long handle;

  Cudnn(CudnnLibrary library, CudnnCalls calls, long stream) {
    this.library = library;
    this.calls = calls;
    try {
      call("cudnnCreate", () -> (int) calls.create.invokeExact(result));
      handle = result.get(ValueLayout.JAVA_LONG, 0);
      call("cudnnSetStream", () -> (int) calls.setStream.invokeExact(handle, stream));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  public CudnnLibrary library() {
    return library;
  }

  public Descriptor<TensorShape> tensor(TensorShape shape) {
    return new Descriptor<>(
        this,
        new Descriptor.Kind("Tensor", calls.createTensorDescriptor, calls.destroyTensorDescriptor),
        shape,
        "cudnnSetTensor4dDescriptorEx",
        address ->
            (int)
                calls.setTensor4dDescriptorEx.invokeExact(
                    address, shape.type().value(), shape.batch(), shape.channels(), shape.height(), shape.width(),
                    shape.batchStride(), shape.channelStride(), shape.rowStride(), shape.columnStride()));
  }

  public Descriptor<FilterShape> filter(FilterShape shape) {
    return new Descriptor<>(
        this,
        new Descriptor.Kind("Filter", calls.createFilterDescriptor, calls.destroyFilterDescriptor),
        shape,
        "cudnnSetFilter4dDescriptor",
        address ->
            (int)
                calls.setFilter4dDescriptor.invokeExact(
                    address, shape.type().value(), shape.format().value(), shape.outChannels(), shape.inChannels(),
                    shape.height(), shape.width()));
  }

  public ConvolutionDescriptor convolution(ConvolutionShape shape) {
    return new ConvolutionDescriptor(this, shape);
  }

  /** NaN stays NaN. */
  public Descriptor<PoolingShape> pooling(PoolingShape shape) {
    return new Descriptor<>(
        this,
        new Descriptor.Kind("Pooling", calls.createPoolingDescriptor, calls.destroyPoolingDescriptor),
        shape,
        "cudnnSetPooling2dDescriptor",
        address ->
            (int)
                calls.setPooling2dDescriptor.invokeExact(
                    address, shape.mode().value(), NanPropagation.PROPAGATE_NAN.value(), shape.window(), shape.window(),
                    shape.padding(), shape.padding(), shape.stride(), shape.stride()));
  }

  /** NaN stays NaN; modes that have a coefficient get 1. */
  public Descriptor<ActivationMode> activation(ActivationMode mode) {
    return new Descriptor<>(
        this,
        new Descriptor.Kind("Activation", calls.createActivationDescriptor, calls.destroyActivationDescriptor),
        mode,
        "cudnnSetActivationDescriptor",
        address ->
            (int)
                calls.setActivationDescriptor.invokeExact(
                    address, mode.value(), NanPropagation.PROPAGATE_NAN.value(), 1.0));
  }

  public Convolutions convolutions() {
    return new Convolutions(this);
  }

  public ConvolutionPlanner planner(PlannerOptions options) {
    return new ConvolutionPlanner(this, options);
  }

  public BatchNormalization batchNormalization() {
    return new BatchNormalization(this);
  }

  public Layers layers() {
    return new Layers(this);
  }

  /** Descriptors that are not closed yet. */
  public int liveDescriptors() {
    return liveDescriptors.get();
  }

  void descriptorOpened() {
    liveDescriptors.incrementAndGet();
  }

  void descriptorClosed() {
    liveDescriptors.decrementAndGet();
  }

  long handle() {
    if (handle == 0) {
      throw new IllegalStateException("this cuDNN handle is closed");
    }
    return handle;
  }

  CudnnCalls calls() {
    return calls;
  }

  MemorySegment one() {
    return one;
  }

  MemorySegment zero() {
    return zero;
  }

  /** Host memory that lives as long as the handle. */
  MemorySegment allocate(MemoryLayout layout, long count) {
    return arena.allocate(layout, count);
  }

  MemorySegment result() {
    return result;
  }

  void call(String function, NativeCall call, Object... operands) {
    library.call(function, call, operands);
  }

  @Override
  public void close() {
    if (!arena.scope().isAlive()) {
      return;
    }
    long open = handle;
    handle = 0;
    try {
      if (open != 0) {
        call("cudnnDestroy", () -> (int) calls.destroy.invokeExact(open));
      }
    } finally {
      arena.close();
    }
  }
}
