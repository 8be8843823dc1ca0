package io.github.densenet4j.backend.cuda.cudnn;

/** {@code cudnnPoolingDescriptor_t}. NaN stays NaN. */
public final class PoolingDescriptor implements AutoCloseable {
  private final PoolingShape shape;
  private final Descriptor descriptor;

  PoolingDescriptor(Cudnn cudnn, PoolingShape shape) {
    this.shape = shape;
    var calls = cudnn.calls();
    descriptor =
        new Descriptor(cudnn, "Pooling", calls.createPoolingDescriptor, calls.destroyPoolingDescriptor);
    descriptor.set(
        "cudnnSetPooling2dDescriptor",
        address ->
            (int)
                calls.setPooling2dDescriptor.invokeExact(
                    address, shape.mode().value(), NanPropagation.PROPAGATE_NAN.value(), shape.window(), shape.window(),
                    shape.padding(), shape.padding(), shape.stride(), shape.stride()),
        shape);
  }

  public PoolingShape shape() {
    return shape;
  }

  long address() {
    return descriptor.address();
  }

  @Override
  public void close() {
    descriptor.close();
  }

  @Override
  public String toString() {
    return shape.toString();
  }
}
