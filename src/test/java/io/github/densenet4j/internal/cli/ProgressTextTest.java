package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.train.TrainingListener.Step;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class ProgressTextTest {
  private final ProgressText text =
      new ProgressText(new Step(3, 300, 195, 781, 1.25, 0.5, 0.001, 612.3, 3723), 351L << 20);

  @Test
  void saysAllInAFile() {
    assertThat(text.whole())
        .isEqualTo(
            "epoch 3/300 step 195/781 612 images/s loss 1.250 accuracy 50.0 % lr 0.001 351.0 MiB ETA 1:02:03");
  }

  @Test
  void fitsEveryWidthWithTheMostImportantFirst() {
    for (int columns = 0; columns < 200; columns++) {
      assertThat(text.fitted(columns).length()).isLessThanOrEqualTo(columns);
    }
    assertThat(text.fitted(24)).isEqualTo("epoch 3/300 step 195/781");
    assertThat(text.fitted(55)).contains("epoch 3/300", "step 195/781", "loss 1.250", "ETA 1:02:03");
    assertThat(text.fitted(79)).contains("612 images/s", "accuracy 50.0 %");
    assertThat(text.fitted(140)).contains("lr 0.001", "351.0 MiB", "[######..................]");
  }
}
