package io.github.densenet4j.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.config.Stem;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.train.Schedule.Moment;
import io.github.densenet4j.train.Schedule.Scores;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class ScheduleTest {
  private static final int STEPS_OF_AN_EPOCH = 10;

  /** The first step of an epoch of 12. */
  private static Moment epoch(Stem stem, int epoch, Scores... history) {
    return new Moment(
        stem, epoch, 12, (long) epoch * STEPS_OF_AN_EPOCH, 12 * STEPS_OF_AN_EPOCH, List.of(history));
  }

  private static double[] rates(Schedule schedule, Stem stem) {
    return DoubleStream.iterate(0, epoch -> epoch + 1)
        .limit(12)
        .map(epoch -> schedule.rate(epoch(stem, (int) epoch)))
        .toArray();
  }

  private static Scores[] losses(double... heldOut) {
    var scores = new ArrayList<Scores>();
    for (double loss : heldOut) {
      scores.add(new Scores(scores.size() + 1, 1 - 0.1 * scores.size(), 0.5, loss, Double.isNaN(loss) ? loss : 0.5));
    }
    return scores.toArray(Scores[]::new);
  }

  @Test
  void stepFallsAsInThePaperForEachStem() {
    var schedule = Schedule.step(0.5);
    assertThat(rates(schedule, Stem.CIFAR))
        .containsExactly(0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5 / 10, 0.5 / 10, 0.5 / 10, 0.5 / 100, 0.5 / 100, 0.5 / 100);
    assertThat(rates(schedule, Stem.IMAGENET))
        .containsExactly(
            0.5, 0.5, 0.5, 0.5, 0.5 / 10, 0.5 / 10, 0.5 / 10, 0.5 / 10, 0.5 / 100, 0.5 / 100, 0.5 / 100, 0.5 / 100);
    assertThat(schedule.describe()).isEqualTo("step");
    assertThat(schedule.initialRate()).isEqualTo(0.5);
  }

  @Test
  void stepFallsAtTheFractionsGiven() {
    var schedule = Schedule.step(1, 0.25);
    assertThat(rates(schedule, Stem.IMAGENET)).startsWith(1, 1, 1, 0.1).endsWith(0.1);
    assertThat(schedule.describe()).isEqualTo("step at [0.25]");
  }

  @Test
  void cosineFallsFromTheRateToZeroStepByStep() {
    var schedule = Schedule.cosine(0.2);
    assertThat(schedule.rate(epoch(Stem.CIFAR, 0))).isEqualTo(0.2);
    assertThat(schedule.rate(epoch(Stem.CIFAR, 6))).isCloseTo(0.1, within(1e-15));
    var last = new Moment(Stem.CIFAR, 11, 12, 119, 120, List.of());
    assertThat(schedule.rate(last)).isBetween(0.0, 0.2 * 1e-3);
    assertThat(schedule.describe()).isEqualTo("cosine");
  }

  @Test
  void plateauFallsAfterEpochsWithoutALowerHeldOutLoss() {
    var schedule = Schedule.plateau(1, 0.5, 2);
    assertThat(schedule.rate(epoch(Stem.CIFAR, 0))).isEqualTo(1);
    assertThat(schedule.rate(epoch(Stem.CIFAR, 3, losses(3, 2, 2)))).isEqualTo(1);
    assertThat(schedule.rate(epoch(Stem.CIFAR, 4, losses(3, 2, 2, 2.5)))).isEqualTo(0.5);
    assertThat(schedule.rate(epoch(Stem.CIFAR, 5, losses(3, 2, 2, 2.5, 2.1)))).isEqualTo(0.5);
    assertThat(schedule.rate(epoch(Stem.CIFAR, 6, losses(3, 2, 2, 2.5, 2.1, 2.2)))).isEqualTo(0.25);
    assertThat(schedule.rate(epoch(Stem.CIFAR, 6, losses(3, 2, 2, 2.5, 2.1, 1)))).isEqualTo(0.5);
    assertThat(schedule.describe()).isEqualTo("plateau by 0.5 after 2");
  }

  @Test
  void plateauLooksAtTheTrainingLossWhereNothingIsHeldOut() {
    double none = Double.NaN; // the training losses fall
    assertThat(Schedule.plateau(1, 0.5, 1).rate(epoch(Stem.CIFAR, 3, losses(none, none, none)))).isEqualTo(1);
  }

  @Test
  void warmUpRisesToTheScheduleItIsOf() {
    var schedule = Schedule.constant(0.4).warmup(4);
    double[] rates =
        DoubleStream.iterate(0, step -> step + 1)
            .limit(6)
            .map(step -> schedule.rate(new Moment(Stem.CIFAR, 0, 1, (long) step, 6, List.of())))
            .toArray();
    assertThat(rates).containsExactly(0.4 / 4, 0.8 / 4, 0.4 * 3 / 4, 0.4, 0.4, 0.4);
    assertThat(schedule.initialRate()).isEqualTo(0.4);
    assertThat(schedule.describe()).isEqualTo("constant, warm-up 4");
  }

  @Test
  void aLambdaIsAScheduleToo() {
    Schedule schedule = moment -> 1.0 / (1 + moment.step());
    assertThat(schedule.initialRate()).isEqualTo(1);
    assertThat(schedule.describe()).isEqualTo("custom");
  }

  @Test
  void refusesWhatIsNoSchedule() {
    for (double rate : new double[] {0, -1, Double.NaN, Double.POSITIVE_INFINITY}) {
      assertRefused(() -> Schedule.cosine(rate), "learning rate is " + rate + ", it must be positive");
    }
    assertRefused(() -> Schedule.step(1, 0.5, 0.5), "fractions are [0.5, 0.5], they must rise and lie between 0 and 1");
    assertRefused(() -> Schedule.step(1, 1), "fractions are [1.0], they must rise and lie between 0 and 1");
    assertRefused(() -> Schedule.step(1, new double[0]), "fractions are missing, there must be at least 1");
    assertRefused(() -> Schedule.plateau(1, 1, 1), "factor is 1.0, it must be above 0 and below 1");
    assertRefused(() -> Schedule.plateau(1, 0.1, 0), "patience is 0, it must be at least 1");
    assertRefused(() -> Schedule.step(1).warmup(0), "warm-up is 0 steps, it must be at least 1");
  }

  private static void assertRefused(Runnable making, String message) {
    assertThatThrownBy(making::run).isInstanceOf(ConfigurationException.class).hasMessage(message);
  }
}
