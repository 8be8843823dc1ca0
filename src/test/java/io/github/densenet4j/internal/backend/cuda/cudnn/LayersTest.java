package io.github.densenet4j.internal.backend.cuda.cudnn;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.SoftwareDevice;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Layers without weights, and handles, on the software device. */
@Tag("cuda")
class LayersTest {
  private static final Offset<Float> CLOSE = within(1e-6f);

  private SoftwareDevice device;
  private Cudnn cudnn;

  @BeforeEach
  void setUp() {
    device = new SoftwareDevice();
    cudnn = CudnnLibrary.load(SoftwareDevice.libraries()).open(device.stream());
  }

  @AfterEach
  void tearDown() {
    if (cudnn != null) {
      assertThat(cudnn.liveDescriptors()).isZero();
      cudnn.close();
      device.close();
    }
  }

  @Test
  void maximumOfOverlappingWindows() {
    try (var in = cudnn.tensor(TensorShape.nhwc(1, 4, 4, 1));
        var out = cudnn.tensor(TensorShape.nhwc(1, 2, 2, 1));
        var pooling = cudnn.pooling(PoolingShape.of(PoolingMode.MAX_DETERMINISTIC, 3, 1, 2))) {
      var x = new DeviceTensor(in, device.upload(1, 2, 3, 4, 5, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15, 6));
      var y = new DeviceTensor(out, device.reserve(4));
      cudnn.layers().poolingForward(y, x, pooling);
      assertThat(device.download(y.data(), 4)).containsExactly(16, 16, 16, 16);
      var dx = new DeviceTensor(in, device.reserve(16));
      cudnn.layers().poolingBackward(dx, new DeviceTensor(out, device.upload(1, 2, 3, 4)), y, x, pooling);
      assertThat(device.download(dx.data(), 16)).containsExactly(0, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    }
  }

  @Test
  void averageOfWindows() {
    try (var in = cudnn.tensor(TensorShape.nhwc(1, 2, 2, 2));
        var out = cudnn.tensor(TensorShape.nhwc(1, 1, 1, 2));
        var pooling = cudnn.pooling(PoolingShape.of(PoolingMode.AVERAGE_COUNT_INCLUDE_PADDING, 2, 0, 2))) {
      var x = new DeviceTensor(in, device.upload(1, 10, 2, 20, 3, 30, 6, 60));
      var y = new DeviceTensor(out, device.reserve(2));
      cudnn.layers().poolingForward(y, x, pooling);
      assertThat(device.download(y.data(), 2)).containsExactly(3, 30);
      var dx = new DeviceTensor(in, device.reserve(8));
      cudnn.layers().poolingBackward(dx, new DeviceTensor(out, device.upload(4, 8)), y, x, pooling);
      assertThat(device.download(dx.data(), 8)).containsExactly(1, 2, 1, 2, 1, 2, 1, 2);
    }
  }

  @Test
  void activationInPlaceKeepsNan() {
    try (var shape = cudnn.tensor(TensorShape.nhwc(1, 1, 2, 2));
        var relu = cudnn.activation(ActivationMode.RELU)) {
      var x = new DeviceTensor(shape, device.upload(-1, 2, Float.NaN, 0));
      cudnn.layers().activationForward(x, x, relu);
      assertThat(device.download(x.data(), 4)).containsExactly(0, 2, Float.NaN, 0);
    }
  }

  @Test
  void gradientOfActivationInPlace() {
    try (var shape = cudnn.tensor(TensorShape.nhwc(1, 1, 2, 2));
        var relu = cudnn.activation(ActivationMode.RELU)) {
      var y = new DeviceTensor(shape, device.upload(0, 2, 3, 0));
      var dy = new DeviceTensor(shape, device.upload(5, 6, 7, 8));
      cudnn.layers().activationBackward(dy, dy, y, y, relu);
      assertThat(device.download(dy.data(), 4)).containsExactly(0, 6, 7, 0);
    }
  }

  @Test
  void softmaxOfLargeLogits() {
    try (var shape = cudnn.tensor(TensorShape.nhwc(2, 1, 1, 2))) {
      var x = new DeviceTensor(shape, device.upload(1000, 1000, 0, (float) Math.log(3)));
      var y = new DeviceTensor(shape, device.reserve(4));
      cudnn.layers().softmaxForward(y, x, SoftmaxAlgorithm.ACCURATE, SoftmaxMode.CHANNEL);
      assertThat(device.download(y.data(), 4))
          .usingComparatorWithPrecision(1e-6f)
          .containsExactly(.5f, .5f, .25f, .75f);
      var dx = new DeviceTensor(shape, device.reserve(4));
      var dy = new DeviceTensor(shape, device.upload(1, 0, 1, 0));
      cudnn.layers().softmaxBackward(dx, dy, y, SoftmaxAlgorithm.ACCURATE, SoftmaxMode.CHANNEL);
      // y * (dy - sum(dy * y))
      assertThat(device.download(dx.data(), 4))
          .usingComparatorWithPrecision(1e-6f)
          .containsExactly(.25f, -.25f, .1875f, -.1875f);
    }
  }

  @Test
  void biasIsAddedToEveryPixel() {
    try (var shape = cudnn.tensor(TensorShape.nhwc(2, 1, 1, 2));
        var channels = cudnn.tensor(TensorShape.perChannel(2))) {
      var y = new DeviceTensor(shape, device.upload(1, 2, 3, 4));
      cudnn.layers().addTensor(y, new DeviceTensor(channels, device.upload(10, 20)));
      assertThat(device.download(y.data(), 4)).containsExactly(11, 22, 13, 24);
    }
  }

  @Test
  void batchNormalizationOfOneChannel() {
    double epsilon = 1e-5;
    float deviation = (float) (1 / Math.sqrt(1.25 + epsilon));
    try (var shape = cudnn.tensor(TensorShape.nhwc(1, 2, 2, 1));
        var channels = cudnn.tensor(TensorShape.perChannel(1))) {
      var parameters = new BatchNormalization.Parameters(channels, device.upload(2), device.upload(3));
      var batch = new BatchNormalization.BatchStatistics(device.reserve(1), device.reserve(1));
      var running = new BatchNormalization.RunningStatistics(device.upload(1), device.upload(1));
      var x = new DeviceTensor(shape, device.upload(1, 2, 3, 4));
      var y = new DeviceTensor(shape, device.reserve(4));
      cudnn.batchNormalization().training(y, batch, running, x, parameters, 0.1, epsilon);
      float[] normalized = {-1.5f * deviation, -0.5f * deviation, 0.5f * deviation, 1.5f * deviation};
      float[] values = device.download(y.data(), 4);
      for (int i = 0; i < 4; i++) {
        assertThat(values[i]).isCloseTo(2 * normalized[i] + 3, CLOSE);
      }
      assertThat(device.download(batch.mean(), 1)[0]).isEqualTo(2.5f);
      assertThat(device.download(batch.inverseDeviation(), 1)[0]).isCloseTo(deviation, CLOSE);
      assertThat(device.download(running.mean(), 1)[0]).isCloseTo(0.9f + 0.25f, CLOSE);
      assertThat(device.download(running.variance(), 1)[0]).isCloseTo((float) (0.9 + 0.1 * 5 / 3), CLOSE);

      var dx = new DeviceTensor(shape, device.reserve(4));
      var dy = new DeviceTensor(shape, device.upload(1, 0, 0, 0));
      var dgamma = device.reserve(1);
      var dbeta = device.reserve(1);
      cudnn.batchNormalization().backward(dx, dgamma, dbeta, dy, x, batch, parameters, epsilon);
      assertThat(device.download(dbeta, 1)[0]).isEqualTo(1);
      assertThat(device.download(dgamma, 1)[0]).isCloseTo(normalized[0], CLOSE);
      float[] gradient = device.download(dx.data(), 4);
      for (int i = 0; i < 4; i++) {
        float expected = 2 * deviation * ((i == 0 ? 1 : 0) - 0.25f - normalized[i] * normalized[0] / 4);
        assertThat(gradient[i]).isCloseTo(expected, CLOSE);
      }

      var given = new BatchNormalization.RunningStatistics(device.upload(1), device.upload(4));
      cudnn.batchNormalization().inference(y, x, given, parameters, epsilon);
      assertThat(device.download(y.data(), 4)[3]).isCloseTo((float) (2 * 3 / Math.sqrt(4 + epsilon) + 3), CLOSE);
    }
  }

  @Test
  void descriptorsCountUntilTheyAreClosed() {
    var tensor = cudnn.tensor(TensorShape.perChannel(1));
    var relu = cudnn.activation(ActivationMode.RELU);
    assertThat(cudnn.liveDescriptors()).isEqualTo(2);
    var data = new DeviceTensor(tensor, device.upload(1));
    tensor.close();
    tensor.close();
    assertThat(cudnn.liveDescriptors()).isEqualTo(1);
    assertThatThrownBy(() -> cudnn.layers().activationForward(data, data, relu))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this Tensor descriptor is closed");
    relu.close();
  }

  @Test
  void shapeThatCudnnRefusesLeavesNoDescriptor() {
    assertThatThrownBy(() -> cudnn.tensor(TensorShape.nhwc(0, 1, 1, 1)))
        .isInstanceOf(DeviceException.class)
        .hasMessageContainingAll("cudnnSetTensor4dDescriptorEx", "FLOAT NCHW 0x1x1x1", "CUDNN_STATUS_BAD_PARAM");
  }

  @Test
  void closedHandleIsAnError() {
    cudnn.close();
    cudnn.close();
    assertThatThrownBy(() -> cudnn.tensor(TensorShape.perChannel(1)))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("this cuDNN handle is closed");
  }

  @Test
  void libraryTellsItsFileAndVersion() {
    assertThat(cudnn.library().version()).matches("9\\.\\d+\\.\\d+");
    assertThat(cudnn.library().file()).hasFileName("libcudnn.so.9");
    assertThat(cudnn.library().lookedIn()).containsExactly(cudnn.library().file().getParent());
  }
}
