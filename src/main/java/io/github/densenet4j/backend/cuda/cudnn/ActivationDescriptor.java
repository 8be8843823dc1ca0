package io.github.densenet4j.backend.cuda.cudnn;

/** {@code cudnnActivationDescriptor_t}. NaN stays NaN; modes that have a coefficient get 1. */
public final class ActivationDescriptor implements AutoCloseable {
  private final ActivationMode mode;
  private final Descriptor descriptor;

  ActivationDescriptor(Cudnn cudnn, ActivationMode mode) {
    this.mode = mode;
    var calls = cudnn.calls();
    descriptor =
        new Descriptor(cudnn, "Activation", calls.createActivationDescriptor, calls.destroyActivationDescriptor);
    descriptor.set(
        "cudnnSetActivationDescriptor",
        address ->
            (int)
                calls.setActivationDescriptor.invokeExact(
                    address, mode.value(), NanPropagation.PROPAGATE_NAN.value(), 1.0),
        mode);
  }

  public ActivationMode mode() {
    return mode;
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
    return mode.toString();
  }
}
