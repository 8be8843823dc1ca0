package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.internal.backend.ResidentMemory;
import io.github.densenet4j.internal.backend.cuda.SoftwareCuda;
import io.github.densenet4j.internal.backend.cuda.SoftwareDevice;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Networks side by side on one GPU, and one for a long time. */
@Tag("cuda")
class CudaManyNetworksTest {
  private static final int SIZE = 4;
  private static final DenseNetConfig TINIEST = DenseNetConfig.builder(4, 1).imageSize(SIZE).classes(2).build();
  private static final int BATCH = 2;
  private static final int MANY_STEPS = 10_000;

  /** After these all graphs and libraries are there. */
  private static final int FIRST_STEPS = 10;

  private SoftwareCuda software;

  @BeforeEach
  void theBuildHasASoftwareDevice() {
    software = SoftwareDevice.required();
  }

  @AfterEach
  void allMemoryIsReturned() {
    SoftwareDevice.requireNothingHeld();
  }

  private static Dataset data(long seed) {
    var random = new Random(seed);
    var images = new byte[8 * SIZE * SIZE * 3];
    random.nextBytes(images);
    int[] labels = IntStream.range(0, 8).map(i -> i % 2).toArray();
    return Dataset.of(ImageSource.of(images, labels, SIZE, SIZE, 3));
  }

  private static StepSession session(Device device, long seed, Precision precision) {
    return Trainer.of(DenseNet.create(TINIEST, seed), data(seed), device)
        .batch(BATCH)
        .precision(precision)
        .seed(seed)
        .session();
  }

  private static void step(StepSession session, long seed) {
    var random = new Random(seed + session.steps());
    var images = new byte[BATCH * SIZE * SIZE * 3];
    random.nextBytes(images);
    session.load(images, new int[] {random.nextInt(2), random.nextInt(2)});
    session.step(0.1);
  }

  private static float[] weights(StepSession session) {
    return session.network().tensor("features.conv0.weight");
  }

  @ParameterizedTest
  @EnumSource(Precision.class)
  void twoTrainingsInTurnsHaveTheBitsOfEachAlone(Precision precision) {
    try (var device = Device.cudaSoftware(CudaOptions.DEFAULT)) {
      var alone =
          IntStream.of(1, 2)
              .mapToObj(
                  seed -> {
                    try (var session = session(device, seed, precision)) {
                      IntStream.range(0, 5).forEach(_ -> step(session, seed));
                      return weights(session);
                    }
                  })
              .toList();
      try (var first = session(device, 1, precision);
          var second = session(device, 2, precision)) {
        for (int i = 0; i < 5; i++) {
          step(first, 1);
          step(second, 2);
        }
        assertThat(weights(first)).isEqualTo(alone.getFirst());
        assertThat(weights(second)).isEqualTo(alone.getLast());
      }
    }
  }

  @Test
  void aPredictorBesideATrainingDisturbsNeither() throws Exception {
    try (var device = Device.cudaSoftware(CudaOptions.DEFAULT)) {
      var network = DenseNet.create(TINIEST, 3);
      float[] image = new float[SIZE * SIZE * 3];
      image[5] = 100;
      float[] alone;
      try (var session = session(device, 4, Precision.FLOAT32)) {
        IntStream.range(0, 20).forEach(_ -> step(session, 4));
        alone = weights(session);
      }
      var trained = new AtomicBoolean();
      try (var predictor = network.predictor(device);
          var session = session(device, 4, Precision.FLOAT32);
          var threads = Executors.newSingleThreadExecutor()) {
        var expected = predictor.predict(image, 1).getFirst().probability(0);
        var predictions =
            threads.submit(
                () -> {
                  int count = 0;
                  do {
                    assertThat(predictor.predict(image, 1).getFirst().probability(0)).isEqualTo(expected);
                    count++;
                  } while (!trained.get());
                  return count;
                });
        IntStream.range(0, 20).forEach(_ -> step(session, 4));
        trained.set(true);
        assertThat(predictions.get()).isPositive();
        assertThat(weights(session)).isEqualTo(alone);
      }
    }
  }

  /** Maps of 18 and 9 pixels, where one image and many have kernels of their own, and of 4, where layers are one kernel. */
  @ParameterizedTest
  @CsvSource({"FUSED, BFLOAT16", "FUSED, FLOAT32", "SHARED, FLOAT32"})
  void anAnswerHasTheSameBitsHoweverItWasGathered(Strategy strategy, Precision precision) {
    int size = 18;
    var config = DenseNetConfig.builder(12, 2, 2, 2).imageSize(size).classes(5).build();
    var images = new float[40 * size * size * 3];
    var random = new Random(5);
    IntStream.range(0, images.length).forEach(i -> images[i] = 255 * random.nextFloat());
    try (var device = Device.cudaSoftware(CudaOptions.DEFAULT);
        var predictor = DenseNet.create(config, 3).predictor(device, new PredictorOptions(40, strategy, precision))) {
      var together = predictor.predict(images, 40);
      for (int i = 0; i < 40; i += 13) {
        var image = Arrays.copyOfRange(images, i * size * size * 3, (i + 1) * size * size * 3);
        assertThat(predictor.predict(image, 1).getFirst().probability(0)).isEqualTo(together.get(i).probability(0));
      }
    }
  }

  @Test
  void memoryIsThePlansAndComesBack() {
    try (var device = Device.cudaSoftware(CudaOptions.DEFAULT)) {
      long planned =
          MemoryPlan.of(TINIEST, BATCH, Strategy.FUSED, MemoryLevel.DEFAULT, Precision.FLOAT32, device).totalBytes();
      try (var first = session(device, 1, Precision.FLOAT32)) {
        step(first, 1);
        long one = software.count("live_bytes");
        assertThat(one).isEqualTo(planned);
        for (int i = 0; i < 3; i++) {
          try (var second = session(device, 2, Precision.FLOAT32)) {
            step(second, 2);
            assertThat(software.count("live_bytes")).isEqualTo(2 * planned);
          }
          assertThat(software.count("live_bytes")).isEqualTo(one);
        }
      }
    }
  }

  @Test
  @Tag("slow")
  void tenThousandStepsHoldNoMoreThanTheFirst() throws IOException {
    var held = List.of("live_bytes", "live_allocations", "host_bytes", "modules", "streams", "events", "graphs");
    try (var device = Device.cudaSoftware(CudaOptions.DEFAULT);
        var session = session(device, 1, Precision.FLOAT32)) {
      IntStream.range(0, FIRST_STEPS).forEach(_ -> step(session, 1));
      assertThat(session.loss()).isFinite();
      var before = held.stream().map(software::count).toList();
      IntStream.range(FIRST_STEPS, MANY_STEPS / 10).forEach(_ -> step(session, 1));
      long resident = ResidentMemory.bytes();
      IntStream.range(MANY_STEPS / 10, MANY_STEPS).forEach(_ -> step(session, 1));
      assertThat(session.loss()).isFinite();
      assertThat(held.stream().map(software::count).toList()).isEqualTo(before);
      // The JVM's own heap and compiler move by less than this; a leak of a KiB a step would not pass.
      assertThat(ResidentMemory.bytes() - resident).isLessThan(8L << 20);
    }
  }
}
