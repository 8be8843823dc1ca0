package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.cudnn.ActivationMode;
import io.github.densenet4j.internal.backend.cuda.cudnn.BatchNormalization.BatchStatistics;
import io.github.densenet4j.internal.backend.cuda.cudnn.BatchNormalization.Parameters;
import io.github.densenet4j.internal.backend.cuda.cudnn.BatchNormalization.RunningStatistics;
import io.github.densenet4j.internal.backend.cuda.cudnn.BatchNormalization;
import io.github.densenet4j.internal.backend.cuda.cudnn.Descriptor;
import io.github.densenet4j.internal.backend.cuda.cudnn.DeviceTensor;
import io.github.densenet4j.internal.backend.cuda.cudnn.Layers;
import io.github.densenet4j.internal.backend.cuda.cudnn.TensorShape;
import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;
import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.tensor.ChannelSlice;
import io.github.densenet4j.internal.tensor.Extent;

/**
 * Batch normalisation and ReLU by cuDNN. A program keeps the variance of a batch, cuDNN the inverse of its deviation:
 * small kernels make one of the other.
 */
final class NormalizationLaunches {
  private static final double EPSILON = 1e-5;

  private final BatchNormalization normalization;
  private final Layers layers;
  private final Descriptor<ActivationMode> relu;
  private final Descriptors descriptors;
  private final Kernels kernels;
  private final Places places;
  private final long batch;

  /** @param batch images of a step */
  NormalizationLaunches(NvidiaHandles libraries, Kernels kernels, Places places, long batch) {
    this.normalization = libraries.cudnn().batchNormalization();
    this.layers = libraries.cudnn().layers();
    this.relu = libraries.descriptors().activation(ActivationMode.RELU);
    this.descriptors = libraries.descriptors();
    this.kernels = kernels;
    this.places = places;
    this.batch = batch;
  }

  static long workspaceBytes(PlainOp.BnFprop op) {
    return Scratch.bytes(op.channels() * Float.BYTES);
  }

  static long workspaceBytes(PlainOp.BnDgrad op) {
    return Scratch.bytes(op.channels() * Float.BYTES);
  }

  Launch of(PlainOp.BnFprop op, Scratch scratch) {
    long channels = op.channels();
    var y = tensor(op.y(), op.pixels(), channels);
    var x = tensor(op.x(), op.pixels(), channels);
    var deviation = scratch.take(channels * Float.BYTES).data();
    var statistics = new BatchStatistics(places.of(op.statistics().mean()), deviation);
    var running = new RunningStatistics(places.of(op.runningMean()), places.of(op.runningVariance()));
    var parameters = parameters(channels, places.of(op.gamma()), places.of(op.beta()));
    var variance =
        kernels.covering(channels, "bn_variance", places.of(op.statistics().variance()), deviation, channels);
    return () -> {
      normalization.training(y, statistics, running, x, parameters, op.momentum(), EPSILON);
      variance.enqueue();
    };
  }

  Launch of(PlainOp.BnInfer op) {
    long channels = op.channels();
    var y = tensor(op.y(), op.pixels(), channels);
    var x = tensor(op.x(), op.pixels(), channels);
    var statistics =
        new RunningStatistics(places.of(op.statistics().mean()), places.of(op.statistics().variance()));
    var parameters = parameters(channels, places.of(op.gamma()), places.of(op.beta()));
    return () -> normalization.inference(y, x, statistics, parameters, EPSILON);
  }

  Launch of(PlainOp.BnDgrad op, Scratch scratch) {
    long channels = op.channels();
    var dx = tensor(op.dx(), op.pixels(), channels);
    var dy = tensor(op.dy(), op.pixels(), channels);
    var x = tensor(op.x(), op.pixels(), channels);
    var deviation = scratch.take(channels * Float.BYTES).data();
    var statistics = new BatchStatistics(places.of(op.statistics().mean()), deviation);
    var gamma = places.of(op.gamma());
    var parameters = parameters(channels, gamma, DevicePointer.NULL);
    var dgamma = places.of(op.dgamma());
    var dbeta = places.of(op.dbeta());
    var inverse =
        kernels.covering(channels, "bn_inv_std", deviation, places.of(op.statistics().variance()), channels);
    return () -> {
      inverse.enqueue();
      normalization.backward(dx, dgamma, dbeta, dy, x, statistics, parameters, EPSILON);
    };
  }

  Launch of(PlainOp.ReluFprop op) {
    var y = tensor(op.y(), op.pixels(), op.channels());
    var x = tensor(op.x(), op.pixels(), op.channels());
    return () -> layers.activationForward(y, x, relu);
  }

  Launch of(PlainOp.ReluDgrad op) {
    var dx = tensor(op.dx(), op.pixels(), op.channels());
    var dy = tensor(op.dy(), op.pixels(), op.channels());
    var x = tensor(op.x(), op.pixels(), op.channels());
    return () -> layers.activationBackward(dx, dy, x, x, relu);
  }

  private Parameters parameters(long channels, DevicePointer gamma, DevicePointer beta) {
    return new Parameters(descriptors.tensor(TensorShape.perChannel(channels)), gamma, beta);
  }

  /** Pixels of all images; where images begin does not matter here, but cuDNN's kernels are made for several. */
  private DeviceTensor tensor(ChannelSlice slice, long pixels, long channels) {
    long images = pixels % batch == 0 ? batch : 1;
    var descriptor = descriptors.tensor(slice.pitch(), new Extent(images, 1, pixels / images), channels);
    return new DeviceTensor(descriptor, places.of(slice.data()));
  }
}
