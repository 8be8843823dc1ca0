package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource.Augmentation;
import io.github.densenet4j.internal.backend.cuda.SoftwareDevice;
import io.github.densenet4j.train.Schedule;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Trainings on the GPU's engine against those on the processor. */
@Tag("cuda")
class CudaTrainingTest {
  private static final String FROZEN = "features.denseblock1";
  private final DenseNet network = DenseNet.create(Learnable.CONFIG, 3);

  @BeforeAll
  static void require() {
    SoftwareDevice.required();
  }

  private DenseNet trained(Dataset data, Device device) {
    return Trainer.of(network, data, device)
        .strategy(Strategy.NAIVE)
        .epochs(2)
        .batch(8)
        .schedule(Schedule.constant(0.1))
        .augmentation(Augmentation.CIFAR)
        .freeze(name -> name.startsWith(FROZEN))
        .run()
        .network();
  }

  private void checkAgree(Dataset data) {
    var onProcessor = trained(data, Device.cpu(1));
    try (var device = Device.cudaSoftware(CudaOptions.DEFAULT)) {
      var onGpu = trained(data, device);
      for (String name : network.tensorNames()) {
        boolean stays = name.startsWith(FROZEN) && !name.contains("running");
        if (stays) {
          assertThat(onGpu.tensor(name)).as(name).isEqualTo(network.tensor(name));
        } else {
          // Two engines round otherwise, and four steps carry it on; a wrong image or step is a hundred times as far.
          assertThat(onGpu.tensor(name)).as(name).containsExactly(onProcessor.tensor(name), within(1e-4f));
        }
      }
    }
  }

  @Test
  void frozenParametersStayAndTheOthersMoveAsOnTheProcessor() {
    checkAgree(Dataset.of(Learnable.images(16, 1)));
  }

  @Test
  void floatsTrainAsOnTheProcessor() {
    checkAgree(Dataset.of(Learnable.floatImages(16, 1)));
  }

  @Test
  void anOwnLoopTakesBytesAndFloats() {
    byte[] images = Learnable.bytes(12, 5);
    int[] labels = Learnable.labels(12);
    var data = Dataset.of(Learnable.images(12, 5));
    try (var device = Device.cudaSoftware(CudaOptions.DEFAULT);
        var session = Trainer.of(network, data, device).strategy(Strategy.SHARED).batch(12).session()) {
      session.load(images, labels);
      session.step(0);
      double loss = session.loss();
      session.load(Learnable.floats(images), labels);
      session.step(0);
      assertThat(session.loss()).isEqualTo(loss);
      assertThat(session.steps()).isEqualTo(2);
    }
  }
}
