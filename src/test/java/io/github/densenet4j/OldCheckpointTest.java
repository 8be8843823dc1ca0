package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource.Augmentation;
import io.github.densenet4j.data.TestFiles;
import io.github.densenet4j.internal.checkpoint.CheckpointFile;
import io.github.densenet4j.train.IfExists;
import io.github.densenet4j.train.Schedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A training that the state before version 0.1 (commit ca34008) stopped after step 10 of 21, and what that state made
 * of it when it went on.
 */
class OldCheckpointTest {
  private static final Path STORED = Path.of("src/test/resources/checkpoint-before-0.1");

  private static final Offset<Float> ROUNDING = within(1e-5f);

  @TempDir private Path temporary;
  private Dataset data;
  private Path folder;

  @BeforeEach
  void copy() throws IOException {
    TestFiles.writeLearnableIdxFolder(temporary.resolve("data"), 60, 20, 8);
    data = Dataset.open("idx:" + temporary.resolve("data")).withName("learnable");
    folder = Files.createDirectory(temporary.resolve("run"));
    for (String name : new String[] {"checkpoint-last.safetensors", "config.json", "metrics.csv"}) {
      Files.copy(STORED.resolve(name), folder.resolve(name));
    }
  }

  private TrainingResult resume() {
    var stored = DenseNet.load(STORED.resolve("checkpoint-last.safetensors"));
    return Trainer.of(DenseNet.create(stored.config(), 7), data, Device.cpu(2))
        .epochs(3)
        .batch(8)
        .schedule(Schedule.cosine(0.1))
        .augmentation(Augmentation.CIFAR)
        .seed(7)
        .folder(folder, IfExists.RESUME)
        .run();
  }

  @Test
  void isLoadedWithAllItKnows() {
    var network = DenseNet.load(STORED.resolve("checkpoint-last.safetensors"));
    assertThat(network.config().name()).isEqualTo("tiny");
    assertThat(network.classNames()).containsExactly("0", "1", "2", "3", "4", "5", "6", "7", "8", "9");
    assertThat(network.mean()).containsExactly(124.53802083333333);
    assertThat(network.deviation()).containsExactly(73.15757189279566);
  }

  @Test
  void isResumedToWhatTheStateBeforeMadeOfIt() {
    var result = resume();
    var expected = DenseNet.load(STORED.resolve("resumed.safetensors"));
    for (String name : expected.tensorNames()) {
      // Kernels of another version or instruction set round otherwise: after 11 steps by less than this.
      assertThat(result.network().tensor(name)).as(name).containsExactly(expected.tensor(name), ROUNDING);
    }
    try (var predictor = expected.predictor(Device.cpu(1))) {
      var evaluation = predictor.evaluate(data.heldOut().orElseThrow());
      assertThat(evaluation.loss()).isCloseTo(result.evaluation().orElseThrow().loss(), within(1e-3));
      assertThat(evaluation.images()).isEqualTo(20);
    }
  }

  @Test
  void isResumedToTheBitsOfTheSameTrainingInAFileOfToday() throws IOException {
    var before = resume();
    var last = folder.resolve("checkpoint-last.safetensors");
    Files.copy(STORED.resolve("checkpoint-last.safetensors"), last, StandardCopyOption.REPLACE_EXISTING);
    CheckpointFile.write(last, CheckpointFile.read(last));
    TrainerTest.assertSame(resume().network(), before.network());
  }
}
