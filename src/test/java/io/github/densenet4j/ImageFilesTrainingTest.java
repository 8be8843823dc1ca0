package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.DrawnFiles;
import io.github.densenet4j.data.ImageFiles;
import io.github.densenet4j.data.Preprocessing;
import io.github.densenet4j.data.Preprocessing.Interpolation;
import io.github.densenet4j.data.Preprocessing.Variation;
import io.github.densenet4j.train.IfExists;
import io.github.densenet4j.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Trainings on image files, and what networks keep of how these were prepared. */
class ImageFilesTrainingTest {
  private static final int SIZE = 8;
  private static final Preprocessing PREPROCESSING =
      Preprocessing.of(SIZE)
          .withChannels(1)
          .withInterpolation(Interpolation.BICUBIC)
          .withVariation(Variation.IMAGENET.withRotation(10).withJitter(0.1, 0.1, 0.1, 0.1));

  @TempDir private Path root;

  private Dataset data(boolean deep) {
    for (int i = 0; i < 10; i++) {
      String part = i < 8 ? "train" : "val";
      DrawnFiles.grey(root.resolve(part + "/dark/" + i + ".png"), 9 + i, 12, 40 + i);
      DrawnFiles.jpeg(root.resolve(part + "/light/" + i + ".jpg"), 12, 9 + i, 200 + i);
    }
    if (deep) {
      DrawnFiles.deep(root.resolve("train/dark/deep.png"), 9, 9, 4711);
    }
    return ImageFiles.folder(root).preprocessing(PREPROCESSING).open();
  }

  private static Trainer trainer(Dataset data, Path folder) {
    var config = new DenseNetConfig("tiny", 4, List.of(1, 1), 8, 1, 0.5, 0, Stem.CIFAR, 1, SIZE, 2);
    return Trainer.of(DenseNet.create(config, 3), data, Device.cpu(1))
        .epochs(3)
        .batch(4)
        .folder(folder, IfExists.RESUME);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void endsInTheSameBitsHoweverOftenItWasStopped(boolean deep) throws IOException {
    var data = data(deep);
    var whole = trainer(data, root.resolve("whole")).run();
    var parts = root.resolve("parts");
    trainer(data, parts).on(new StopAfter(3)).run();
    trainer(data, parts).on(new StopAfter(9)).run();
    var resumed = trainer(data, parts).run();
    assertThat(resumed.lastCheckpoint().orElseThrow())
        .hasBinaryContent(Files.readAllBytes(whole.lastCheckpoint().orElseThrow()));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void theNetworkPreparesWhatItIsGivenAsItWasTrained(boolean deep) {
    var data = data(deep);
    var result = trainer(data, root.resolve("run")).run();
    var network = DenseNet.load(result.lastCheckpoint().orElseThrow());
    assertThat(network.preprocessing()).contains(PREPROCESSING);
    assertThat(network.withPreprocessing(Preprocessing.of(SIZE).withChannels(1)).preprocessing().orElseThrow().resize())
        .isEqualTo(9);
    var values = new float[SIZE * SIZE];
    var heldOut = data.heldOut().orElseThrow();
    heldOut.read(0, values, 0);
    try (var predictor = network.predictor(Device.cpu(1))) {
      var predicted = predictor.predict(root.resolve("val/dark/8.png"));
      assertThat(predicted).isEqualTo(predictor.predict(values, 1).getFirst());
      assertThat(predictor.evaluate(data).images()).isEqualTo(4);
    }
  }

  @Test
  void givenNumbersNormaliseAndWarningsAreTold() throws IOException {
    Files.createDirectories(root.resolve("train/none"));
    var heard = new ArrayList<String>();
    DrawnFiles.grey(root.resolve("train/none/a.png"), 5, 5, 0);
    var config = new DenseNetConfig("tiny", 4, List.of(1, 1), 8, 1, 0.5, 0, Stem.CIFAR, 1, SIZE, 3);
    var result =
        Trainer.of(DenseNet.create(config, 3), data(false).withNormalization(List.of(7.0), List.of(9.0)), Device.cpu(1))
            .epochs(1)
            .batch(4)
            .on(
                new TrainingListener() {
                  @Override
                  public void started(Start start) {
                    heard.addAll(start.warnings());
                  }
                })
            .run();
    assertThat(result.network().mean()).containsExactly(7.0);
    assertThat(result.network().deviation()).containsExactly(9.0);
    assertThat(heard).singleElement().asString().startsWith("has no held-out image of 1 of 3 classes (none)");
  }
}
