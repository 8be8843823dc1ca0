package io.github.densenet4j.internal.backend.cuda.cudnn;

/** {@code cudnnConvolutionDescriptor_t}: a cross-correlation without dilation. Plans and calls set the math. */
public final class ConvolutionDescriptor implements AutoCloseable {
  private final Cudnn cudnn;
  private final Descriptor<ConvolutionShape> descriptor;
  private MathType math = MathType.DEFAULT_MATH;

  ConvolutionDescriptor(Cudnn cudnn, ConvolutionShape shape) {
    this.cudnn = cudnn;
    var calls = cudnn.calls();
    descriptor =
        new Descriptor<>(
            cudnn,
            new Descriptor.Kind(
                "Convolution", calls.createConvolutionDescriptor, calls.destroyConvolutionDescriptor),
            shape,
            "cudnnSetConvolution2dDescriptor",
            address ->
                (int)
                    calls.setConvolution2dDescriptor.invokeExact(
                        address, shape.padding(), shape.padding(), shape.stride(), shape.stride(), 1, 1,
                        ConvolutionMode.CROSS_CORRELATION.value(), shape.compute().value()));
  }

  public ConvolutionShape shape() {
    return descriptor.shape();
  }

  /** The address, with the math set. */
  long address(MathType wanted) {
    long address = descriptor.address();
    if (wanted != math) {
      cudnn.call(
          "cudnnSetConvolutionMathType",
          () -> (int) cudnn.calls().setConvolutionMathType.invokeExact(address, wanted.value()),
          descriptor,
          wanted);
      math = wanted;
    }
    return address;
  }

  @Override
  public void close() {
    descriptor.close();
  }

  @Override
  public String toString() {
    return descriptor.toString();
  }
}
