package io.github.densenet4j.backend.cuda.cudnn;

/** {@code cudnnFilterDescriptor_t}: what the weights of a convolution look like. */
public final class FilterDescriptor implements AutoCloseable {
  private final FilterShape shape;
  private final Descriptor descriptor;

  FilterDescriptor(Cudnn cudnn, FilterShape shape) {
    this.shape = shape;
    var calls = cudnn.calls();
    descriptor =
        new Descriptor(cudnn, "Filter", calls.createFilterDescriptor, calls.destroyFilterDescriptor);
    descriptor.set(
        "cudnnSetFilter4dDescriptor",
        address ->
            (int)
                calls.setFilter4dDescriptor.invokeExact(
                    address, shape.type().value(), shape.format().value(), shape.outChannels(), shape.inChannels(),
                    shape.height(), shape.width()),
        shape);
  }

  public FilterShape shape() {
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
