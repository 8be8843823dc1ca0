package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class EvaluationBatchesTest {
  private static final Normalization NORMALIZATION = new Normalization(List.of(10.0, 20.0), List.of(2.0, 3.0));

  private final byte[] bytes = TestFiles.randomBytes(7 * 3 * 2 * 2, 1);
  private final ImageSet images = new ImageSet(bytes, new int[] {6, 5, 4, 3, 2, 1, 9}, 3, 2, 2);
  private final float[] pixels = new float[3 * 12];
  private final int[] labels = new int[3];

  @Test
  void givesEveryImageInOrderAndZerosAfterTheLast() {
    var batches = new EvaluationBatches(images, NORMALIZATION, 3);
    float[] expected = new float[9 * 12];
    NORMALIZATION.normalize(bytes, MemorySegment.ofArray(expected));
    int[] expectedLabels = {6, 5, 4, 3, 2, 1, 9, 0, 0};
    assertThat(batches.batches()).isEqualTo(3);
    assertThat(batches.batchSize()).isEqualTo(3);
    for (int b = 0; b < 3; b++) {
      Arrays.fill(pixels, Float.NaN);
      Arrays.fill(labels, -1);
      assertThat(fill(batches, b)).isEqualTo(b < 2 ? 3 : 1);
      assertThat(pixels).isEqualTo(Arrays.copyOfRange(expected, b * 36, b * 36 + 36));
      assertThat(labels).isEqualTo(Arrays.copyOfRange(expectedLabels, b * 3, b * 3 + 3));
    }
    assertThatThrownBy(() -> fill(batches, 3)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void acceptsABatchLargerThanTheSet() {
    var batches = new EvaluationBatches(images.first(2), NORMALIZATION, 3);
    assertThat(batches.batches()).isEqualTo(1);
    assertThat(fill(batches, 0)).isEqualTo(2);
    assertThat(labels).containsExactly(6, 5, 0);
  }

  @Test
  void countsNoBatchAfterAFullLastOne() {
    assertThat(new EvaluationBatches(images.first(6), NORMALIZATION, 3).batches()).isEqualTo(2);
  }

  @Test
  void refusesWhatItCannotUse() {
    assertThatThrownBy(() -> new EvaluationBatches(images, NORMALIZATION, -1))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("The batch size is -1, expected at least 1.");
    assertThatThrownBy(() -> new EvaluationBatches(images, new Normalization(List.of(1.0), List.of(1.0)), 3))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("The images have 2 channels, but the normalisation has 1");
    var batches = new EvaluationBatches(images, NORMALIZATION, 4);
    assertThatThrownBy(() -> fill(batches, 0)).isInstanceOf(IllegalArgumentException.class);
  }

  private int fill(EvaluationBatches batches, int batch) {
    return batches.fill(batch, MemorySegment.ofArray(pixels), MemorySegment.ofArray(labels));
  }
}
