package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.SoftwareDevice;
import java.util.List;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class DeviceTest {
  private static final DenseNetConfig CONFIG = DenseNetConfig.builder(4, 2, 2).imageSize(8).build();

  @Test
  void saysWhatItIsAndWhy() {
    assertThat(Device.auto().reason()).startsWith("auto: ");
    assertThat(Device.cpu(3).name()).isEqualTo("cpu");
    assertThat(Device.cpu(3)).asString().startsWith("cpu: ").contains("3 threads");
    assertThat(Device.cpu().reason()).isEqualTo("asked for");
  }

  @Test
  void badArgumentsAreRefused() {
    assertThatThrownBy(() -> Device.cpu(0))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("number of threads is 0, it must be at least 1 and at most 1024");
    assertThatThrownBy(() -> Device.cpu().withMemoryLimit(0))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("memory limit is 0 bytes, it must be at least 1");
    assertThatThrownBy(() -> Device.cuda(null)).hasMessage("options");
  }

  @Test
  void nothingIsMadeOnAClosedDevice() {
    var device = Device.cpu(1);
    var limited = device.withMemoryLimit(1L << 30);
    device.close();
    device.close();
    for (var closed : List.of(device, limited)) {
      assertThatThrownBy(() -> DenseNet.create(CONFIG, 1).predictor(closed))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("the device cpu is closed");
    }
  }

  @Test
  void aLimitIsKept() {
    var network = DenseNet.create(CONFIG, 1);
    assertThatThrownBy(() -> network.predictor(Device.cpu(1).withMemoryLimit(200 << 10)))
        .isInstanceOf(DeviceException.class)
        .hasMessageContaining("memory limit is")
        .hasMessageContaining("use batch size");
  }

  /** The software device belongs to one thread; ours hands every call over to it. */
  @Test
  @Tag("cuda")
  void anyThreadMayUseAGpu() throws Exception {
    SoftwareDevice.required();
    var network = DenseNet.create(CONFIG, 1);
    float[] image = new float[8 * 8 * 3];
    image[5] = 1;
    var options = new PredictorOptions(2, Strategy.SHARED, Precision.FLOAT32);
    List<Prediction> expected;
    try (var predictor = network.predictor(Device.cpu(1), options)) {
      expected = predictor.predict(image, 1);
    }
    var device = Device.cudaSoftware(CudaOptions.DEFAULT);
    assertThat(MemoryPlan.of(CONFIG, 4, Strategy.SHARED, MemoryLevel.DEFAULT, Precision.FLOAT32, device).totalBytes())
        .isPositive();
    var predictor = network.predictor(device, options);
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 3; i++) {
        var found = threads.submit(() -> predictor.predict(image, 1)).get().getFirst();
        assertThat(found.probability(0)).isCloseTo(expected.getFirst().probability(0), within());
      }
      assertThatThrownBy(device::close).isInstanceOf(IllegalStateException.class).hasMessageContaining("close it");
      threads.submit(predictor::close).get();
    }
    device.close();
    device.close();
    assertThatThrownBy(() -> network.predictor(device, options))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the device cuda-software is closed");
    SoftwareDevice.requireNothingHeld();
  }

  private static org.assertj.core.data.Offset<Double> within() {
    return org.assertj.core.data.Offset.offset(1e-5);
  }
}
