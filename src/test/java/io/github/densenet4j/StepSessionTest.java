package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.error.DivergedException;
import io.github.densenet4j.train.Schedule;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StepSessionTest {
  private static final int BATCH = 12;
  private final byte[] images = Learnable.bytes(BATCH, 5);
  private final int[] labels = Learnable.labels(BATCH);
  private final DenseNet network = DenseNet.create(Learnable.CONFIG, 3);
  private final Trainer trainer =
      Trainer.of(network, Dataset.of(Learnable.images(BATCH, 5)), Device.cpu(1)).batch(BATCH);
  private final StepSession session = trainer.session();

  @AfterEach
  void close() {
    session.close();
  }

  @Test
  void anOwnLoopLearns() {
    session.load(images, labels);
    session.step(0.1);
    double first = session.loss();
    for (int i = 0; i < 30; i++) {
      session.load(images, labels);
      session.step(0.1);
    }
    assertThat(session.loss()).isLessThan(first / 2);
    assertThat(session.correct()).isEqualTo(BATCH);
    assertThat(session.steps()).isEqualTo(31);
  }

  @Test
  void aLoopThatDoesWhatATrainerDoesComesToTheSameLoss() {
    // One batch holds all images; their order, which a trainer shuffles, matters by rounding only.
    var whole = trainer.epochs(1).schedule(Schedule.constant(0.1)).run();
    session.load(images, labels);
    session.step(0.1);
    assertThat(session.loss()).isCloseTo(whole.history().getFirst().loss(), within(1e-5));
    assertThat(session.network().mean()).isEqualTo(whole.network().mean());
  }

  @Test
  void floatsAreNormalisedAsBytesAre() {
    session.load(images, labels);
    session.step(0.1);
    double loss = session.loss();
    try (var other = trainer.session()) {
      other.load(Learnable.floats(images), labels);
      other.step(0.1);
      assertThat(other.loss()).isEqualTo(loss);
      TrainerTest.assertSame(session.network(), other.network());
    }
  }

  @Test
  void aSnapshotIsANetworkOfItsOwn() {
    TrainerTest.assertSame(network, session.network());
    session.load(images, labels);
    session.step(0.1);
    var snapshot = session.network();
    float[] before = snapshot.tensor("classifier.weight");
    assertThat(before).isNotEqualTo(network.tensor("classifier.weight"));
    session.step(0.1); // the same images once more
    assertThat(snapshot.tensor("classifier.weight")).isEqualTo(before);
    assertThat(session.network().tensor("classifier.weight")).isNotEqualTo(before);
  }

  @Test
  void gradientsAreWhatAStepWithoutMomentumSubtracts() {
    try (var plain = trainer.momentum(0).weightDecay(0).session()) {
      plain.load(images, labels);
      plain.step(0.5);
      float[] gradient = plain.gradient("classifier.bias");
      float[] expected = network.tensor("classifier.bias");
      for (int i = 0; i < expected.length; i++) {
        expected[i] = Math.fma(-0.5f, gradient[i], expected[i]);
      }
      assertThat(plain.network().tensor("classifier.bias")).isEqualTo(expected);
      assertThatThrownBy(() -> plain.gradient("features.norm5.running_mean"))
          .isInstanceOf(ConfigurationException.class)
          .hasMessage("tiny has no learnable parameter features.norm5.running_mean");
    }
  }

  @Test
  void everyArgumentIsChecked() {
    int[] wild = labels.clone();
    wild[7] = 500_000_000;
    refused(() -> session.load(images, wild), "label 7 is 500000000, it must be at least 0 and below the 3 classes");
    wild[7] = -1;
    refused(
        () -> session.load(Learnable.floats(images), wild),
        "label 7 is -1, it must be at least 0 and below the 3 classes");
    refused(
        () -> session.load(Arrays.copyOf(images, 5), labels), "images have 5 values, expected 1536 for a batch of 12");
    refused(() -> session.load(images, new int[11]), "there are 11 labels, expected 12 for a batch of that size");
    for (double rate : new double[] {-0.1, Double.NaN, Double.POSITIVE_INFINITY}) {
      refused(() -> session.step(rate), "learning rate is " + rate + ", it must be at least 0");
    }
    float[] values = Learnable.floats(images);
    values[128 * 3] = Float.NaN;
    assertThatThrownBy(() -> session.load(values, labels))
        .isInstanceOf(DataException.class)
        .hasMessage("image 3 has a value that is NaN, it must be finite");
    assertThatThrownBy(() -> session.step(0.1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(session::loss).isInstanceOf(IllegalStateException.class).hasMessage("there was no step yet");
    assertThatThrownBy(session::correct).isInstanceOf(IllegalStateException.class);
  }

  private static void refused(Runnable call, String message) {
    assertThatThrownBy(call::run).isInstanceOf(ConfigurationException.class).hasMessage(message);
  }

  @Test
  void aNetworkThatDivergedIsNotHandedOut() {
    session.load(images, labels);
    for (int i = 0; i < 20; i++) {
      session.step(1e30);
    }
    assertThatThrownBy(session::network).isInstanceOf(DivergedException.class).hasMessageEndingWith("learning rate");
  }

  @Test
  void aSecondThreadIsRefusedAndTheFirstGoesOn() throws InterruptedException {
    session.load(images, labels);
    var refused = new AtomicInteger();
    var steps = new AtomicInteger();
    Runnable stepping =
        () -> {
          for (int i = 0; i < 200; i++) {
            try {
              session.step(1e-6);
              steps.incrementAndGet();
            } catch (IllegalStateException e) {
              refused.incrementAndGet();
            }
          }
        };
    var second = Thread.ofPlatform().start(stepping);
    stepping.run();
    second.join();
    assertThat(steps.get() + refused.get()).isEqualTo(400);
    assertThat(session.steps()).isEqualTo(steps.get());
    assertThat(session.network().tensor("classifier.bias")).doesNotContain(Float.NaN);
  }

  @Test
  void afterCloseEveryCallThrows() {
    session.load(images, labels);
    session.step(0.1);
    session.close();
    session.close();
    assertThatThrownBy(() -> session.load(images, labels)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(() -> session.step(0.1)).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(session::loss).isInstanceOf(IllegalStateException.class);
    assertThatThrownBy(session::network).isInstanceOf(IllegalStateException.class);
  }
}
