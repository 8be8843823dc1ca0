package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.DataException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class EvaluationTest {
  private final long[][] counts = {{3, 1}, {2, 4}};
  private final Evaluation evaluation = new Evaluation(0.5, 1, counts);

  @Test
  void countsWhatItWasGiven() {
    assertThat(evaluation.images()).isEqualTo(10);
    assertThat(evaluation.accuracy()).isEqualTo(0.7);
    assertThat(evaluation.loss()).isEqualTo(0.5);
    assertThat(evaluation.topFive()).isEqualTo(1);
    assertThat(evaluation.classes()).isEqualTo(2);
    assertThat(evaluation.count(1, 0)).isEqualTo(2);
  }

  @Test
  void isAValueThatNobodyElseCanChange() {
    var equal = new Evaluation(0.5, 1, new long[][] {{3, 1}, {2, 4}});
    counts[0][0] = 99;
    evaluation.confusion()[0][0] = 99;
    assertThat(evaluation).isEqualTo(equal).hasSameHashCodeAs(equal);
    assertThat(evaluation).isNotEqualTo(new Evaluation(0.5, 1, new long[][] {{3, 1}, {1, 5}}));
  }

  @Test
  void refusesCountsOfNothing() {
    for (long[][] bad : new long[][][] {{}, {{0, 0}, {0, 0}}, {{1, 0}}}) {
      assertThatThrownBy(() -> new Evaluation(0, 0, bad)).isInstanceOf(DataException.class);
    }
  }
}
