package io.github.densenet4j.internal.backend.cuda.cudnn;

/** The layers of a handle that have no weights. */
public final class Layers {
  private final Cudnn cudnn;

  Layers(Cudnn cudnn) {
    this.cudnn = cudnn;
  }

  public void poolingForward(DeviceTensor y, DeviceTensor x, Descriptor<PoolingShape> pooling) {
    cudnn.call(
        "cudnnPoolingForward",
        () ->
            (int)
                cudnn.calls().poolingForward.invokeExact(
                    cudnn.handle(), pooling.address(), cudnn.one(), x.description(), x.address(), cudnn.zero(),
                    y.description(), y.address()),
        x, pooling, y);
  }

  /** dx from dy and both sides of the forward pass. */
  public void poolingBackward(
      DeviceTensor dx, DeviceTensor dy, DeviceTensor y, DeviceTensor x, Descriptor<PoolingShape> pooling) {
    cudnn.call(
        "cudnnPoolingBackward",
        () ->
            (int)
                cudnn.calls().poolingBackward.invokeExact(
                    cudnn.handle(), pooling.address(), cudnn.one(), y.description(), y.address(), dy.description(),
                    dy.address(), x.description(), x.address(), cudnn.zero(), dx.description(), dx.address()),
        y, dy, x, pooling, dx);
  }

  /** y may be x. */
  public void activationForward(DeviceTensor y, DeviceTensor x, Descriptor<ActivationMode> activation) {
    cudnn.call(
        "cudnnActivationForward",
        () ->
            (int)
                cudnn.calls().activationForward.invokeExact(
                    cudnn.handle(), activation.address(), cudnn.one(), x.description(), x.address(), cudnn.zero(),
                    y.description(), y.address()),
        x, activation, y);
  }

  /** dx from dy and both sides of the forward pass; dx may be dy. */
  public void activationBackward(
      DeviceTensor dx, DeviceTensor dy, DeviceTensor y, DeviceTensor x, Descriptor<ActivationMode> activation) {
    cudnn.call(
        "cudnnActivationBackward",
        () ->
            (int)
                cudnn.calls().activationBackward.invokeExact(
                    cudnn.handle(), activation.address(), cudnn.one(), y.description(), y.address(),
                    dy.description(), dy.address(), x.description(), x.address(), cudnn.zero(), dx.description(),
                    dx.address()),
        y, dy, x, activation, dx);
  }

  public void softmaxForward(DeviceTensor y, DeviceTensor x, SoftmaxAlgorithm algorithm, SoftmaxMode mode) {
    cudnn.call(
        "cudnnSoftmaxForward",
        () ->
            (int)
                cudnn.calls().softmaxForward.invokeExact(
                    cudnn.handle(), algorithm.value(), mode.value(), cudnn.one(), x.description(), x.address(),
                    cudnn.zero(), y.description(), y.address()),
        x, y);
  }

  /** dx from dy and the output of the forward pass. */
  public void softmaxBackward(
      DeviceTensor dx, DeviceTensor dy, DeviceTensor y, SoftmaxAlgorithm algorithm, SoftmaxMode mode) {
    cudnn.call(
        "cudnnSoftmaxBackward",
        () ->
            (int)
                cudnn.calls().softmaxBackward.invokeExact(
                    cudnn.handle(), algorithm.value(), mode.value(), cudnn.one(), y.description(), y.address(),
                    dy.description(), dy.address(), cudnn.zero(), dx.description(), dx.address()),
        y, dy, dx);
  }

  /** y += b, which has a size of 1 where it is the same for all of y: a bias. */
  public void addTensor(DeviceTensor y, DeviceTensor b) {
    cudnn.call(
        "cudnnAddTensor",
        () ->
            (int)
                cudnn.calls().addTensor.invokeExact(
                    cudnn.handle(), cudnn.one(), b.description(), b.address(), cudnn.one(), y.description(),
                    y.address()),
        b, y);
  }
}
