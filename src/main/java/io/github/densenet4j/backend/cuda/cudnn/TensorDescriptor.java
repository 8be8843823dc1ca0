package io.github.densenet4j.backend.cuda.cudnn;

/** {@code cudnnTensorDescriptor_t}: what a tensor looks like. */
public final class TensorDescriptor implements AutoCloseable {
  private final TensorShape shape;
  private final Descriptor descriptor;

  TensorDescriptor(Cudnn cudnn, TensorShape shape) {
    this.shape = shape;
    var calls = cudnn.calls();
    descriptor =
        new Descriptor(cudnn, "Tensor", calls.createTensorDescriptor, calls.destroyTensorDescriptor);
    descriptor.set(
        "cudnnSetTensor4dDescriptorEx",
        address ->
            (int)
                calls.setTensor4dDescriptorEx.invokeExact(
                    address, shape.type().value(), shape.batch(), shape.channels(), shape.height(), shape.width(),
                    shape.batchStride(), shape.channelStride(), shape.rowStride(), shape.columnStride()),
        shape);
  }

  public TensorShape shape() {
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
