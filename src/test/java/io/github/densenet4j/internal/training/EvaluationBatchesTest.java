package io.github.densenet4j.internal.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.data.TestFiles;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class EvaluationBatchesTest {
  private final byte[] bytes = TestFiles.randomBytes(7 * 3 * 2 * 2, 1);
  private final ImageSource images = ImageSource.of(bytes, new int[] {6, 5, 4, 3, 2, 1, 9}, 3, 2, 2);
  private final ByteBatch batch = new ByteBatch(3, 12);

  @Test
  void givesEveryImageInOrderAndZerosAfterTheLast() {
    var batches = new EvaluationBatches(images, 3);
    byte[] expected = Arrays.copyOf(bytes, 9 * 12);
    int[] expectedLabels = {6, 5, 4, 3, 2, 1, 9, 0, 0};
    assertThat(batches.batches()).isEqualTo(3);
    assertThat(batches.batchSize()).isEqualTo(3);
    for (int b = 0; b < 3; b++) {
      Arrays.fill(batch.pixels(), (byte) 0x5a);
      Arrays.fill(batch.placement(), -77);
      Arrays.fill(batch.labels(), -1);
      assertThat(batches.fill(b, batch)).isEqualTo(b < 2 ? 3 : 1);
      assertThat(batch.pixels()).isEqualTo(Arrays.copyOfRange(expected, b * 36, b * 36 + 36));
      assertThat(batch.placement()).containsOnly(0);
      assertThat(batch.labels()).isEqualTo(Arrays.copyOfRange(expectedLabels, b * 3, b * 3 + 3));
    }
    assertThatThrownBy(() -> batches.fill(3, batch)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void acceptsABatchLargerThanTheSet() {
    var batches = new EvaluationBatches(images.slice(0, 2), 3);
    assertThat(batches.batches()).isEqualTo(1);
    assertThat(batches.fill(0, batch)).isEqualTo(2);
    assertThat(batch.labels()).containsExactly(6, 5, 0);
  }

  @Test
  void countsNoBatchAfterAFullLastOne() {
    assertThat(new EvaluationBatches(images.slice(0, 6), 3).batches()).isEqualTo(2);
  }

  @Test
  void refusesBatchesOfAnotherSize() {
    var batches = new EvaluationBatches(images, 4);
    assertThatThrownBy(() -> batches.fill(0, batch)).isInstanceOf(IllegalArgumentException.class);
  }
}
