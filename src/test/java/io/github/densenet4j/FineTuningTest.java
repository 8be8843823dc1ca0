package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.train.IfExists;
import io.github.densenet4j.train.Schedule;
import io.github.densenet4j.train.TrainingListener;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Training that leaves a part of a network as it is, gives the classifier its own rate, or goes on for longer. */
class FineTuningTest {
  private final DenseNet network = DenseNet.create(Learnable.CONFIG, 3);

  @TempDir private Path folder;

  private Trainer trainer() {
    return trainer(Learnable.data());
  }

  private Trainer trainer(Dataset data) {
    return Trainer.of(network, data, Device.cpu(1)).epochs(2).batch(8).schedule(Schedule.constant(0.125));
  }

  @Test
  void allButTheClassifierStaysToTheBit() {
    var tuned = trainer().freezeAllButClassifier().run().network();
    for (String name : network.tensorNames()) {
      if (name.startsWith("classifier.")) {
        assertThat(tuned.tensor(name)).as(name).isNotEqualTo(network.tensor(name));
      } else {
        assertThat(tuned.tensor(name)).as(name).isEqualTo(network.tensor(name));
      }
    }
  }

  @Test
  void frozenBlocksStayWithTheirTransitions() {
    var tuned = trainer().freezeBlocks(1).run().network();
    for (String name : network.tensorNames()) {
      if (name.matches("features\\.(conv0|denseblock1|transition1).*")) {
        assertThat(tuned.tensor(name)).as(name).isEqualTo(network.tensor(name));
      } else {
        assertThat(tuned.tensor(name)).as(name).isNotEqualTo(network.tensor(name));
      }
    }
  }

  @Test
  void whatIsFrozenTakesNoMemory() {
    var whole = trainer().memoryPlan();
    var blocks = trainer().freezeBlocks(1).memoryPlan();
    var classifier = trainer().freezeAllButClassifier().memoryPlan();
    for (String category : new String[] {"gradients", "optimizer"}) {
      assertThat(blocks.bytesByCategory().get(category)).isLessThan(whole.bytesByCategory().get(category));
      assertThat(classifier.bytesByCategory().get(category)).isEqualTo(192); // 33 values, to a whole line
    }
    assertThat(blocks.totalBytes()).isLessThan(whole.totalBytes());
    assertThat(classifier.totalBytes()).isLessThan(blocks.totalBytes());
  }

  @Test
  void aFrozenTrainingGoesOnWithTheSameBits() {
    var whole = trainer().freezeBlocks(1).run().network();
    trainer().freezeBlocks(1).folder(folder).on(new StopAfter(1)).run();
    var resumed = trainer().freezeBlocks(1).folder(folder, IfExists.RESUME).run();
    TrainerTest.assertSame(whole, resumed.network());
    assertThat(resumed.report().orElseThrow()).content().contains("from features.conv0.weight to features.transition1");
  }

  @Test
  void theClassifierHasARateOfItsOwn() {
    var data = Dataset.of(Learnable.images(8, 1)); // one step
    var slow = trainer(data).epochs(1).run().network();
    var fast = trainer(data).epochs(1).schedule(Schedule.constant(0.5)).run().network();
    var both = trainer(data).epochs(1).classifierRate(0.5).run().network();
    for (String name : network.tensorNames()) {
      var expected = name.startsWith("classifier.") ? fast : slow;
      assertThat(both.tensor(name)).as(name).isEqualTo(expected.tensor(name));
    }
  }

  @Test
  void theClassifiersRateIsPartOfTheTraining() {
    trainer().classifierRate(0.25).folder(folder).on(new StopAfter(1)).run();
    assertThatThrownBy(() -> trainer().folder(folder, IfExists.RESUME).run())
        .isInstanceOf(ConfigurationException.class).hasMessageContaining("classifier_lr 0.25, now it is unset");
    var resumed = trainer().classifierRate(0.25).folder(folder, IfExists.RESUME).run().network();
    TrainerTest.assertSame(trainer().classifierRate(0.25).run().network(), resumed);
  }

  @Test
  void aTrainingCanBeGivenMoreEpochs() {
    trainer().folder(folder).run();
    assertThatThrownBy(() -> trainer().epochs(4).folder(folder, IfExists.RESUME).run())
        .isInstanceOf(ConfigurationException.class)
        .hasMessageContainingAll("epochs 2, now it is 4", "let it have more with Trainer.extend");
    var warnings = new ArrayList<String>();
    var listener =
        new TrainingListener() {
          @Override
          public void started(Start start) {
            warnings.addAll(start.warnings());
          }
        };
    var extended = trainer().epochs(4).extend().folder(folder, IfExists.RESUME).on(listener).run();
    assertThat(warnings).singleElement().asString().contains("started with 2 epochs and goes on to 4");
    assertThat(extended.history()).hasSize(4);
    TrainerTest.assertSame(trainer().epochs(4).run().network(), extended.network()); // its schedule is constant
    assertThatThrownBy(() -> trainer().epochs(3).extend().folder(folder, IfExists.RESUME).run())
        .hasMessageContaining("epochs 4, now it is 3");
    assertThat(trainer().epochs(4).folder(folder, IfExists.RESUME).run().history()).hasSize(4);
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    assertThatThrownBy(() -> trainer().freezeBlocks(3)).hasMessageContaining("number of frozen blocks is 3");
    assertThatThrownBy(() -> trainer().freezeBlocks(-1)).hasMessageContaining("number of frozen blocks is -1");
    assertThatThrownBy(() -> trainer().classifierRate(-1)).hasMessageContaining("classifier's learning rate is -1");
    assertThatThrownBy(() -> trainer().schedule(_ -> 0).classifierRate(1).run())
        .isInstanceOf(ConfigurationException.class).hasMessageContaining("begins with learning rate 0.0");
  }
}
