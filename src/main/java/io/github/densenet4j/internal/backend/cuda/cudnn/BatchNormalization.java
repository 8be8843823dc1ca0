package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;

/**
 * Batch normalisation of a handle: a mean and a variance for each channel. Everything that a channel has one of is
 * float32 of the shape {@link TensorShape#perChannel}.
 */
public final class BatchNormalization {
  private static final int MODE = BatchNormMode.SPATIAL.value();

  /** @param descriptor of everything that a channel has one of */
  public record Parameters(Descriptor<TensorShape> descriptor, DevicePointer gamma, DevicePointer beta) {}

  /** What is normalised with at inference. */
  public record RunningStatistics(DevicePointer mean, DevicePointer variance) {}

  /** Those of the batch, kept for the backward pass; the deviation is {@code 1 / sqrt(variance + epsilon)}. */
  public record BatchStatistics(DevicePointer mean, DevicePointer inverseDeviation) {}

  private final Cudnn cudnn;

  BatchNormalization(Cudnn cudnn) {
    this.cudnn = cudnn;
  }

  /**
   * y = gamma * (x - mean) * inverseDeviation + beta with the statistics of x.
   *
   * @param running moves towards the statistics of x, the variance of which is the unbiased one
   * @param factor the weight of the batch in the running statistics
   */
  public void training(
      DeviceTensor y,
      BatchStatistics batch,
      RunningStatistics running,
      DeviceTensor x,
      Parameters parameters,
      double factor,
      double epsilon) {
    cudnn.call(
        "cudnnBatchNormalizationForwardTraining",
        () ->
            (int)
                cudnn.calls().batchNormForwardTraining.invokeExact(
                    cudnn.handle(), MODE, cudnn.one(), cudnn.zero(), x.description(), x.address(), y.description(),
                    y.address(), parameters.descriptor().address(), parameters.gamma().address(),
                    parameters.beta().address(), factor, running.mean().address(), running.variance().address(),
                    epsilon, batch.mean().address(), batch.inverseDeviation().address()),
        x, y);
  }

  /** y = gamma * (x - mean) / sqrt(variance + epsilon) + beta. */
  public void inference(
      DeviceTensor y, DeviceTensor x, RunningStatistics statistics, Parameters parameters, double epsilon) {
    cudnn.call(
        "cudnnBatchNormalizationForwardInference",
        () ->
            (int)
                cudnn.calls().batchNormForwardInference.invokeExact(
                    cudnn.handle(), MODE, cudnn.one(), cudnn.zero(), x.description(), x.address(), y.description(),
                    y.address(), parameters.descriptor().address(), parameters.gamma().address(),
                    parameters.beta().address(), statistics.mean().address(), statistics.variance().address(),
                    epsilon),
        x, y);
  }

  /** The gradients of x, gamma and beta; {@code parameters.beta} is not looked at. */
  public void backward(
      DeviceTensor dx,
      DevicePointer dgamma,
      DevicePointer dbeta,
      DeviceTensor dy,
      DeviceTensor x,
      BatchStatistics batch,
      Parameters parameters,
      double epsilon) {
    cudnn.call(
        "cudnnBatchNormalizationBackward",
        () ->
            (int)
                cudnn.calls().batchNormBackward.invokeExact(
                    cudnn.handle(), MODE, cudnn.one(), cudnn.zero(), cudnn.one(), cudnn.zero(), x.description(),
                    x.address(), dy.description(), dy.address(), dx.description(), dx.address(),
                    parameters.descriptor().address(), parameters.gamma().address(), dgamma.address(),
                    dbeta.address(), epsilon, batch.mean().address(), batch.inverseDeviation().address()),
        x, dy, dx);
  }
}
