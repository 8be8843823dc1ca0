package io.github.densenet4j.train;

import static io.github.densenet4j.train.TrainingListener.Decision.CONTINUE;
import static io.github.densenet4j.train.TrainingListener.Decision.STOP;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.train.TrainingListener.Decision;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class EarlyStoppingTest {
  private final List<Schedule.Scores> history = new ArrayList<>();

  private Decision after(EarlyStopping stopping, double heldOutLoss) {
    var scores = new Schedule.Scores(history.size() + 1, 1, 0.5, heldOutLoss, 0.5);
    history.add(scores);
    return stopping.epochEnded(new TrainingListener.Epoch(scores, 100, 0.1, 1, 1));
  }

  private void start(EarlyStopping stopping) {
    var settings = TrainingListener.Settings.paper(Stem.CIFAR);
    stopping.started(
        new TrainingListener.Start(
            DenseNetConfig.named("bc-40-12"), settings, history.size(), history.size(), history, List.of()));
  }

  @Test
  void stopsAfterEpochsWithoutImprovement() {
    var stopping = new EarlyStopping(2, 0.1);
    start(stopping);
    assertThat(after(stopping, 3)).isEqualTo(CONTINUE);
    assertThat(after(stopping, 2)).isEqualTo(CONTINUE);
    assertThat(after(stopping, 1.95)).isEqualTo(CONTINUE); // too little
    assertThat(after(stopping, 1.85)).isEqualTo(CONTINUE);
    assertThat(after(stopping, 1.84)).isEqualTo(CONTINUE);
    assertThat(after(stopping, 1.83)).isEqualTo(STOP);
  }

  @Test
  void aResumedTrainingStopsWhereItWouldHaveWithout() {
    after(new EarlyStopping(2, 0), 1);
    after(new EarlyStopping(2, 0), 2);
    var resumed = new EarlyStopping(2, 0);
    start(resumed);
    assertThat(after(resumed, 2)).isEqualTo(STOP);
  }

  @Test
  void aTrainingThatWasStoppedWaitsAnewWhenItIsResumed() {
    var stopping = new EarlyStopping(1, 0);
    after(stopping, 1);
    assertThat(after(stopping, 2)).isEqualTo(STOP);
    var resumed = new EarlyStopping(2, 0);
    start(resumed);
    assertThat(after(resumed, 0.5)).isEqualTo(CONTINUE);
  }

  @Test
  void forgetsTheTrainingBefore() {
    var stopping = new EarlyStopping(1, 0);
    after(stopping, 1);
    history.clear();
    start(stopping);
    assertThat(after(stopping, 5)).isEqualTo(CONTINUE);
  }

  @Test
  void refusesImpatience() {
    assertThatThrownBy(() -> new EarlyStopping(0, 0))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("patience is 0, it must be at least 1");
    assertThatThrownBy(() -> new EarlyStopping(1, Double.NaN))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("least improvement is NaN, it must be at least 0");
  }
}
