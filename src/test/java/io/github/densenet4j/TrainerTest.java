package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.data.ImageSource.Augmentation;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DensenetException;
import io.github.densenet4j.error.DivergedException;
import io.github.densenet4j.train.Schedule;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TrainerTest {
  private final DenseNet network = DenseNet.create(Learnable.CONFIG, 3);

  private Trainer trainer(Dataset data) {
    return Trainer.of(network, data, Device.cpu(1)).epochs(3).batch(8).schedule(Schedule.cosine(0.1));
  }

  private Trainer trainer() {
    return trainer(Learnable.data());
  }

  private static Map<String, float[]> tensors(DenseNet network) {
    var tensors = new TreeMap<String, float[]>();
    network.tensorNames().forEach(name -> tensors.put(name, network.tensor(name)));
    return tensors;
  }

  /** That two networks have the same bits. */
  static void assertSame(DenseNet one, DenseNet other) {
    assertThat(other.tensorNames()).isEqualTo(one.tensorNames());
    assertThat(tensors(one)).allSatisfy((name, values) -> assertThat(other.tensor(name)).isEqualTo(values));
  }

  @Test
  void trainsFromArraysInMemoryAndWritesNothing() {
    var before = tensors(network);
    var result = trainer().epochs(6).run();
    assertThat(result.evaluation().orElseThrow().accuracy()).isGreaterThan(0.9);
    assertThat(result.evaluation().orElseThrow().images()).isEqualTo(18);
    assertThat(result.history()).hasSize(6).last().satisfies(
        scores -> assertThat(scores.heldOutLoss()).isEqualTo(result.evaluation().orElseThrow().loss()));
    assertThat(result.stopped()).isFalse();
    assertThat(result.folder()).isEmpty();
    assertThat(result.lastCheckpoint()).isEmpty();
    assertThat(result.report()).isEmpty();
    assertThat(result.network().classNames()).containsExactly("class 0", "class 1", "class 2");
    assertThat(before).allSatisfy((name, values) -> assertThat(network.tensor(name)).isEqualTo(values));
  }

  @Test
  void theBestNetworkIsTheOneOfTheBestEpoch() {
    var result = trainer().epochs(4).run();
    double best = result.bestAccuracy().orElseThrow();
    assertThat(result.history().get(result.bestEpoch() - 1).heldOutAccuracy()).isEqualTo(best);
    assertThat(result.history()).allSatisfy(scores -> assertThat(scores.heldOutAccuracy()).isLessThanOrEqualTo(best));
    var again = trainer().epochs(4).on(new StopAfter(result.bestEpoch())).run();
    assertSame(result.bestNetwork(), again.network());
  }

  @Test
  void needsNoHeldOutImages() {
    var result = trainer(Dataset.of(Learnable.images(48, 1))).run();
    assertThat(result.evaluation()).isEmpty();
    assertThat(result.bestAccuracy()).isEmpty();
    assertThat(result.bestEpoch()).isEqualTo(3);
    assertThat(result.history()).hasSize(3).allSatisfy(scores -> assertThat(scores.heldOutLoss()).isNaN());
    assertSame(result.network(), result.bestNetwork());
  }

  @Test
  void heldOutImagesDoNotChangeTheTraining() {
    assertSame(trainer().run().network(), trainer(Dataset.of(Learnable.images(48, 1))).run().network());
  }

  @Test
  void everyRunStartsAnewFromTheSameNetwork() {
    var trainer = trainer().augmentation(Augmentation.CIFAR);
    assertSame(trainer.run().network(), trainer.run().network());
    assertThat(trainer.seed(9).run().network().tensor("classifier.bias"))
        .isNotEqualTo(trainer.seed(1).run().network().tensor("classifier.bias"));
  }

  @Test
  void floatsTrainToTheBitsOfTheSameBytes() {
    // Half of every image's pixels are 128 and half are 0, so that mean and deviation are exact however they are added.
    int pixelsOfAnImage = Learnable.SIZE * Learnable.SIZE;
    var pixels = new byte[48 * pixelsOfAnImage * 2];
    for (int i = 0; i < pixels.length; i++) {
      int image = i / 2 / pixelsOfAnImage;
      pixels[i] = (byte) ((i / 2 % pixelsOfAnImage >> (image + i % 2) % 6 & 1) * 128);
    }
    var bytes = ImageSource.of(pixels, Learnable.labels(48), Learnable.SIZE, Learnable.SIZE, 2);
    var floats =
        ImageSource.of(Learnable.floats(pixels), Learnable.labels(48), Learnable.SIZE, Learnable.SIZE, 2);
    var ofBytes = trainer(Dataset.of(bytes, bytes)).augmentation(Augmentation.CIFAR).run();
    var ofFloats = trainer(Dataset.of(floats, floats)).augmentation(Augmentation.CIFAR).run();
    assertThat(ofFloats.network().mean()).containsExactly(64.0, 64.0);
    assertSame(ofBytes.network(), ofFloats.network());
    assertThat(ofFloats.evaluation()).isEqualTo(ofBytes.evaluation());
  }

  @Test
  void frozenParametersStayAndTheOthersMoveAsTheyWould() {
    var data = Dataset.of(Learnable.images(8, 1)); // one step an epoch
    var free = trainer(data).epochs(1).run().network();
    var frozen = trainer(data).epochs(1).freeze(name -> name.contains("conv1")).run().network();
    for (String name : frozen.tensorNames()) {
      boolean stays = name.contains("conv1");
      assertThat(frozen.tensor(name)).as(name).isEqualTo((stays ? network : free).tensor(name));
      assertThat(free.tensor(name)).as(name).isNotEqualTo(network.tensor(name));
    }
  }

  @Test
  void aNetworkThatWasTrainedTrainsOn() {
    var first = trainer().epochs(6).run();
    var second = Trainer.of(first.network(), Learnable.data(), Device.cpu(1)).epochs(1).batch(8)
        .schedule(Schedule.constant(1e-6)).run();
    assertThat(second.evaluation().orElseThrow().accuracy()).isGreaterThan(0.9);
  }

  @Test
  void aTrainingThatDivergesSaysWhatToTry() {
    assertThatThrownBy(() -> trainer().epochs(60).schedule(Schedule.constant(1e18)).run())
        .isInstanceOf(DivergedException.class)
        .hasMessageMatching(
            "(the loss|a weight) became \\S+ at step \\d+ with rate 1.0E18: the training has no folder and "
                + "nothing is kept of it; try a smaller learning rate");
  }

  @Test
  void aScheduleMustGiveARate() {
    assertThatThrownBy(() -> trainer().schedule(moment -> moment.step() < 2 ? 0.1 : Double.NaN).run())
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("learning rate is NaN at step 3, it must be at least 0");
  }

  @Test
  void badSettingsFailAtTheirSetter() {
    var trainer = trainer();
    refused(() -> trainer.epochs(0), "number of epochs is 0, it must be at least 1");
    refused(() -> trainer.batch(0), "batch size is 0, it must be at least 1");
    refused(() -> trainer.batch(49), "batch size is 49, but there are only 48 training images: use a smaller batch");
    refused(() -> trainer.momentum(1), "momentum is 1.0, it must be at least 0 and below 1");
    refused(() -> trainer.weightDecay(-1), "weight decay is -1.0, it must be at least 0");
    refused(() -> trainer.checkpointEvery(-1), "checkpoint interval is -1, it must be at least 0");
    refused(() -> trainer.freeze(_ -> true), "all parameters are frozen, at least one must be left to train");
    assertThatThrownBy(() -> trainer.schedule(null)).isInstanceOf(NullPointerException.class);
    assertThat(trainer.settings().epochs()).isEqualTo(3);
    refused(
        () -> Trainer.of(network, Dataset.of(ImageSource.of(new byte[25], new int[1], 5, 5, 1)), Device.cpu(1)),
        "the model takes 8x8 images of 2 channels in 3 classes, "
            + "but in-memory has 5x5 images of 1 channels in 2 classes");
  }

  private static void refused(Runnable setter, String message) {
    assertThatThrownBy(setter::run)
        .isInstanceOf(DensenetException.class)
        .hasMessage(message);
  }
}
