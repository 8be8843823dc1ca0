package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.data.ImageSource.Augmentation;
import io.github.densenet4j.data.WatchedImages;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.train.IfExists;
import io.github.densenet4j.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings and evaluations whose images are read by threads of their own. */
class ReadersTest {
  private static final String LAST = "checkpoint-last.safetensors";

  @TempDir private Path folder;

  private static Trainer trainer(Dataset data) {
    return Trainer.of(DenseNet.create(Learnable.CONFIG, 3), data, Device.cpu(1))
        .epochs(2)
        .batch(8)
        .augmentation(Augmentation.CIFAR);
  }

  @AfterEach
  void noThreadIsLeft() {
    assertThat(Thread.getAllStackTraces().keySet()).noneMatch(t -> t.getName().startsWith("densenet4j reader"));
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 7})
  void aTrainingEndsInTheSameBitsAlsoIfItIsResumed(int readers) throws IOException {
    Path inline = folder.resolve("inline");
    trainer(Learnable.data()).readers(0).folder(inline).run();
    byte[] expected = Files.readAllBytes(inline.resolve(LAST));
    Path read = folder.resolve("read");
    trainer(Learnable.data()).readers(readers).folder(read).run();
    assertThat(read.resolve(LAST)).hasBinaryContent(expected);
    Path resumed = folder.resolve("resumed");
    trainer(Learnable.data()).readers(readers).folder(resumed).on(new StopWithin(2)).run();
    trainer(Learnable.data()).readers(8 - readers).folder(resumed, IfExists.RESUME).run();
    assertThat(resumed.resolve(LAST)).hasBinaryContent(expected);
  }

  /** Stops a training within an epoch, after so many of its steps. */
  private record StopWithin(int steps) implements TrainingListener {
    @Override
    public Decision stepped(Step step) {
      return step.batch() == steps ? Decision.INTERRUPT : Decision.CONTINUE;
    }
  }

  @Test
  void evaluationsAreTheSame() {
    var network = DenseNet.create(Learnable.CONFIG, 3);
    var data = Learnable.data();
    try (var device = Device.cpu(1)) {
      var trained = Trainer.of(network, data, device).epochs(1).batch(8).run().bestNetwork();
      var options = PredictorOptions.DEFAULT.withBatch(7);
      try (var inline = trained.predictor(device, options.withReaders(0));
          var read = trained.predictor(device, options.withReaders(3))) {
        assertThat(read.evaluate(data).loss()).isEqualTo(inline.evaluate(data).loss());
        assertThat(read.evaluate(data).confusion()).isDeepEqualTo(inline.evaluate(data).confusion());
      }
    }
  }

  /** Images of which one cannot be read once it is told so. */
  private static final class Failing {
    private final DataException failure = new DataException("cannot read the image photo.png: permission denied");
    private final ImageSource images =
        new WatchedImages(Learnable.images(24, 1), ImageSource.Pixels.FLOAT32, this::beforeReading);
    private volatile boolean broken;

    private void beforeReading(int index) {
      if (broken && index == 11) {
        throw failure;
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 2})
  void anImageThatCannotBeReadEndsTheTrainingWithItsOwnMessage(int readers) {
    var images = new Failing();
    var trainer = trainer(Dataset.of(images.images)).readers(readers).on(new Breaking(images));
    assertThatThrownBy(trainer::run).isSameAs(images.failure);
  }

  /** Breaks it when the normalisation has been measured. */
  private record Breaking(Failing images) implements TrainingListener {
    @Override
    public void started(Start start) {
      images.broken = true;
    }
  }

  @Test
  void refusesNegativeNumbers() {
    assertThatThrownBy(() -> trainer(Learnable.data()).readers(-1))
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith("number of readers is -1");
    assertThatThrownBy(() -> PredictorOptions.DEFAULT.withReaders(-1)).isInstanceOf(ConfigurationException.class);
  }
}
