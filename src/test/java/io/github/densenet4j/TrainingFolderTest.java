package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource.Augmentation;
import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DivergedException;
import io.github.densenet4j.train.EarlyStopping;
import io.github.densenet4j.train.IfExists;
import io.github.densenet4j.train.Schedule;
import io.github.densenet4j.train.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings with a folder: stopped, resumed, interrupted by what a listener throws. */
class TrainingFolderTest {
  private static final int STEPS_OF_AN_EPOCH = 6;

  @TempDir private Path temporary;

  private Trainer trainer(Path folder) {
    return Trainer.of(DenseNet.create(Learnable.CONFIG, 3), Learnable.data(), Device.cpu(1))
        .epochs(4)
        .batch(8)
        .schedule(Schedule.plateau(0.1, 0.5, 1).warmup(5))
        .augmentation(Augmentation.CIFAR)
        .folder(folder, IfExists.RESUME);
  }

  private static TrainingListener stopAtStep(int epoch, int batch) {
    return new TrainingListener() {
      @Override
      public Decision stepped(Step step) {
        return step.epoch() == epoch && step.batch() == batch ? Decision.STOP : Decision.CONTINUE;
      }
    };
  }

  private static List<String> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  @Test
  void aStoppedTrainingIsResumedToTheBytesOfOneThatWasNot() throws IOException {
    var whole = trainer(temporary.resolve("whole")).run();
    Path folder = temporary.resolve("stopped");
    var first = trainer(folder).on(stopAtStep(2, 4)).run();
    assertThat(first.stopped()).isTrue();
    assertThat(first.history()).hasSize(1);
    assertThat(first.lastCheckpoint()).isPresent();
    assertThat(first.report()).isPresent();
    assertThat(trainer(folder).on(new StopAfter(3)).run().history()).hasSize(3);
    var last = trainer(folder).run();
    assertThat(last.stopped()).isFalse();
    assertThat(last.history()).isEqualTo(whole.history());
    assertThat(last.evaluation()).isEqualTo(whole.evaluation());
    TrainerTest.assertSame(last.network(), whole.network());
    for (String name : List.of("checkpoint-last.safetensors", "checkpoint-best.safetensors", "config.json")) {
      assertThat(folder.resolve(name)).hasSameBinaryContentAs(temporary.resolve("whole").resolve(name));
    }
    TrainerTest.assertSame(last.bestNetwork(), whole.bestNetwork());
    assertThat(list(folder)).isEqualTo(list(temporary.resolve("whole")));
  }

  @Test
  void aTrainingStoppedInItsFirstEpochHasALastCheckpointOnly() throws IOException {
    var result = trainer(temporary.resolve("run")).on(stopAtStep(1, 2)).run();
    assertThat(list(temporary.resolve("run")))
        .containsExactly("checkpoint-last.safetensors", "config.json", "metrics.csv");
    assertThat(result.evaluation()).isPresent();
    assertThat(result.bestEpoch()).isZero();
    assertThat(result.bestCheckpoint()).isEmpty();
    assertThat(result.report()).isEmpty();
    TrainerTest.assertSame(result.bestNetwork(), result.network());
  }

  @Test
  void aStopAtAnEpochsLastStepIsAStopAfterTheEpoch() {
    var result = trainer(temporary.resolve("run")).on(stopAtStep(1, STEPS_OF_AN_EPOCH)).run();
    assertThat(result.stopped()).isTrue();
    assertThat(result.history()).hasSize(1);
    assertThat(result.bestCheckpoint()).isPresent();
  }

  @Test
  void withoutHeldOutImagesTheBestCheckpointIsTheLast() throws IOException {
    Path folder = temporary.resolve("run");
    var result =
        Trainer.of(DenseNet.create(Learnable.CONFIG, 3), Dataset.of(Learnable.images(48, 1)), Device.cpu(1))
            .epochs(2).batch(8).folder(folder).run();
    assertThat(result.bestCheckpoint().orElseThrow())
        .hasSameBinaryContentAs(result.lastCheckpoint().orElseThrow());
    assertThat(Files.readString(result.report().orElseThrow())).contains("no held-out images");
    assertThat(Files.readAllLines(folder.resolve("metrics.csv")).get(2)).matches("2,[^,]+,[^,]+,,,0\\.01,.*");
    assertThat(Files.readString(folder.resolve("config.json"))).contains("\"held_out_images\": 0");
    TrainerTest.assertSame(DenseNet.load(result.lastCheckpoint().orElseThrow()), result.network());
  }

  @Test
  void listenersHearOfEverythingInOrder() {
    var heard = new ArrayList<String>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void started(Start start) {
            heard.add("start " + start.epoch() + " " + start.step() + " " + start.history().size());
          }

          @Override
          public Decision stepped(Step step) {
            heard.add("step " + step.epoch() + "." + step.batch() + "/" + step.batches());
            return Decision.CONTINUE;
          }

          @Override
          public Decision epochEnded(Epoch epoch) {
            heard.add("epoch " + epoch.scores().epoch() + "/" + epoch.epochs());
            return Decision.CONTINUE;
          }
        };
    Path folder = temporary.resolve("run");
    trainer(folder).on(stopAtStep(2, 1)).on(listener).run();
    assertThat(heard)
        .containsExactly(
            "start 0 0 0", "step 1.1/6", "step 1.2/6", "step 1.3/6", "step 1.4/6", "step 1.5/6", "step 1.6/6",
            "epoch 1/4", "step 2.1/6");
    heard.clear();
    trainer(folder).on(new StopAfter(2)).on(listener).run();
    assertThat(heard).first().isEqualTo("start 1 7 1");
    assertThat(heard).last().isEqualTo("epoch 2/4");
  }

  @Test
  void whatAListenerThrowsComesOutAndTheFolderIsSound() throws IOException {
    Path folder = temporary.resolve("run");
    TrainingListener failing =
        new TrainingListener() {
          @Override
          public Decision stepped(Step step) {
            if (step.epoch() == 2 && step.batch() == 3) {
              throw new UnsupportedOperationException("the listener's own");
            }
            return Decision.CONTINUE;
          }
        };
    assertThatThrownBy(() -> trainer(folder).checkpointEvery(1).on(failing).run())
        .isInstanceOf(UnsupportedOperationException.class)
        .hasMessage("the listener's own");
    assertThat(list(folder))
        .containsExactly(
            "checkpoint-best.safetensors", "checkpoint-last.safetensors", "config.json", "metrics.csv", "report.html");
    var whole = trainer(temporary.resolve("whole")).run();
    TrainerTest.assertSame(trainer(folder).run().network(), whole.network());
  }

  @Test
  void earlyStoppingEndsATrainingThatLearnsTooLittle() {
    var result =
        trainer(temporary.resolve("run")).on(new EarlyStopping(1, 10)).run();
    assertThat(result.stopped()).isTrue();
    assertThat(result.history()).hasSize(2);
    var resumed =
        trainer(temporary.resolve("run")).on(new EarlyStopping(1, 10)).run();
    assertThat(resumed.history()).hasSize(3);
  }

  @Test
  void aFolderWithATrainingIsNotTakenUnlessAsked() {
    Path folder = temporary.resolve("run");
    trainer(folder).epochs(1).run();
    assertThatThrownBy(() -> trainer(folder).epochs(1).folder(folder).run())
        .isInstanceOf(ConfigurationException.class)
        .hasMessage(folder + " has a training in it: continue it with IfExists.RESUME, or choose another folder");
    refuseResume(folder, trainer(folder).epochs(1).seed(9), "seed 1, now it is 9");
    refuseResume(folder, trainer(folder).epochs(1).schedule(Schedule.cosine(0.1)), "now it is cosine");
    refuseResume(
        folder, trainer(folder).epochs(1).freeze(name -> name.equals("classifier.bias")),
        "frozen unset, now it is [classifier.bias]");
  }

  @Test
  void checkpointsAreATrainingWithoutTheirConfiguration() throws IOException {
    Path folder = temporary.resolve("run");
    var whole = trainer(temporary.resolve("whole")).run();
    trainer(folder).on(new StopAfter(2)).run();
    byte[] configuration = Files.readAllBytes(folder.resolve("config.json"));
    Files.delete(folder.resolve("config.json"));
    assertThatThrownBy(() -> trainer(folder).folder(folder).run())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining("has a training in it");
    TrainerTest.assertSame(trainer(folder).run().network(), whole.network());
    assertThat(folder.resolve("config.json")).hasBinaryContent(configuration);
  }

  @Test
  void aBestCheckpointWithoutItsLastIsNotReplaced() throws IOException {
    Path folder = temporary.resolve("run");
    trainer(folder).on(new StopAfter(1)).run();
    Path best = folder.resolve("checkpoint-best.safetensors");
    byte[] before = Files.readAllBytes(best);
    Files.delete(folder.resolve("checkpoint-last.safetensors"));
    assertThatThrownBy(() -> trainer(folder).run())
        .isInstanceOf(CheckpointException.class)
        .hasMessageContaining("no checkpoint-last.safetensors to go on from");
    assertThatThrownBy(() -> trainer(folder).folder(folder).run()).hasMessageContaining("has a training in it");
    assertThat(best).hasBinaryContent(before);
  }

  @Test
  void aBestCheckpointOfAnotherTrainingIsNotReplaced() throws IOException {
    Path folder = temporary.resolve("run");
    Path other = temporary.resolve("other");
    trainer(folder).on(new StopAfter(1)).run();
    trainer(other).seed(99).on(new StopAfter(1)).run();
    Path best = folder.resolve("checkpoint-best.safetensors");
    Files.copy(other.resolve("checkpoint-best.safetensors"), best, StandardCopyOption.REPLACE_EXISTING);
    assertThatThrownBy(() -> trainer(folder).run())
        .isInstanceOf(CheckpointException.class)
        .hasMessageStartingWith(best + " is of another training");
    assertThat(best).hasSameBinaryContentAs(other.resolve("checkpoint-best.safetensors"));
  }

  @Test
  void aBestCheckpointThatAKilledRunDidNotComeToIsMadeOfTheLast() throws IOException {
    Path folder = temporary.resolve("run");
    var stopped = trainer(folder).on(new StopAfter(1)).run();
    Path best = stopped.bestCheckpoint().orElseThrow();
    Files.delete(best);
    trainer(folder).on(stopAtStep(2, 1)).run();
    TrainerTest.assertSame(DenseNet.load(best), stopped.network());
  }

  @Test
  void aFolderWhoseTrainingCameToNoCheckpointMayBeUsedAgain() throws IOException {
    Path folder = temporary.resolve("run");
    assertThatThrownBy(() -> trainer(folder).schedule(Schedule.step(1e30)).run())
        .isInstanceOf(DivergedException.class)
        .hasMessageContaining("no checkpoint was written");
    var result = trainer(folder).folder(folder).on(new StopAfter(1)).run();
    assertThat(Files.readString(folder.resolve("config.json"))).contains("plateau").doesNotContain("1.0E30");
    assertThat(result.history()).hasSize(1);
  }

  private static void refuseResume(Path folder, Trainer trainer, String part) {
    assertThatThrownBy(trainer::run)
        .isInstanceOf(ConfigurationException.class)
        .hasMessageStartingWith(folder + " was started with ")
        .hasMessageContaining(part)
        .hasMessageEndingWith(": repeat the settings of its start, or choose another folder");
    assertThatThrownBy(() -> trainer.folder(folder, IfExists.RESUME_WITH_DIFFERENT_BITS).run())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContaining(part);
  }

  @Test
  void aFrozenTrainingIsOneOnlyIfItIsResumedFrozen() {
    Path folder = temporary.resolve("run");
    trainer(folder).epochs(1).freeze(name -> name.endsWith("conv0.weight")).run();
    refuseResume(folder, trainer(folder).epochs(1), "frozen [features.conv0.weight], now it is unset");
  }
}
