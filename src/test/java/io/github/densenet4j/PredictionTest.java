package io.github.densenet4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.error.ConfigurationException;
import java.util.List;
import org.junit.jupiter.api.Test;

class PredictionTest {
  private static final List<String> NAMES = List.of("cat", "dog", "frog");

  @Test
  void probabilitiesAreTheSoftmaxOfLogitsOfAnySize() {
    var prediction = Prediction.of(new float[] {1000, 1000 + (float) Math.log(3), 1000}, NAMES);
    assertThat(prediction.label()).isEqualTo(1);
    assertThat(prediction.name()).isEqualTo("dog");
    assertThat(prediction.probability()).isCloseTo(0.6, within(1e-4));
    assertThat(prediction.probability(2)).isCloseTo(0.2, within(1e-4));
    assertThat(prediction).hasToString("Prediction[1 dog, 0.6000]");
  }

  @Test
  void theTopIsOrderedAndTiesKeepTheOrderOfLabels() {
    var prediction = Prediction.of(new float[] {1, 2, 1}, NAMES);
    assertThat(prediction.top(2)).extracting(Prediction.Candidate::name).containsExactly("dog", "cat");
    assertThat(prediction.top(9)).hasSize(3);
    assertThatThrownBy(() -> prediction.top(0)).isInstanceOf(ConfigurationException.class);
  }

  @Test
  void equalsByValue() {
    var one = Prediction.of(new float[] {1, 2, 1}, NAMES);
    assertThat(Prediction.of(new float[] {1, 2, 1}, NAMES)).isEqualTo(one).hasSameHashCodeAs(one);
    assertThat(Prediction.of(new float[] {1, 2, 1.1f}, NAMES)).isNotEqualTo(one);
  }
}
