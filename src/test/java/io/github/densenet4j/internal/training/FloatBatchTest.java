package io.github.densenet4j.internal.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.data.ImageSource.Augmentation;
import io.github.densenet4j.data.TestFiles;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.internal.backend.InputOracle;
import io.github.densenet4j.internal.checkpoint.Normalization;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Tag("fast")
class FloatBatchTest {
  private static final int SIZE = 7;
  private final Normalization normalization = new Normalization(List.of(125.3, 99.0), List.of(63.0, 62.1));

  @ParameterizedTest
  @EnumSource
  void floatsAreDrawnShiftedFlippedAndNormalisedAsTheSameBytesAre(Augmentation augmentation) {
    byte[] pixels = TestFiles.randomBytes(12 * SIZE * SIZE * 2, 3);
    var values = new float[pixels.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = pixels[i] & 0xff;
    }
    int[] labels = IntStream.range(0, 12).toArray();
    var bytes = ImageSource.of(pixels, labels, SIZE, SIZE, 2);
    var floats = ImageSource.of(values, labels, SIZE, SIZE, 2);
    var byteBatch = (ByteBatch) ImageBatch.of(bytes, 5, normalization);
    var floatBatch = (FloatBatch) ImageBatch.of(floats, 5, normalization);
    for (int batch = 0; batch < 2; batch++) {
      new Batches(bytes, augmentation, 5, 11).epoch(3).fill(batch, byteBatch);
      new Batches(floats, augmentation, 5, 11).epoch(3).fill(batch, floatBatch);
      var oracle = new InputOracle(SIZE, SIZE, 2, normalization.levels());
      assertThat(floatBatch.values()).isEqualTo(oracle.of(byteBatch.pixels(), byteBatch.placement()));
      assertThat(floatBatch.labels()).isEqualTo(byteBatch.labels());
    }
  }

  @Test
  void whatAPartialBatchLeavesIsBlank() {
    var images = ImageSource.of(new float[] {1, 2, 3, 4}, new int[] {1, 1}, 1, 1, 2);
    var batch = new FloatBatch(3, 1, 1, normalization);
    Arrays.fill(batch.values(), 9);
    assertThat(new EvaluationBatches(images, 3).fill(0, batch)).isEqualTo(2);
    assertThat(batch.labels()).containsExactly(1, 1, 0);
    assertThat(Arrays.copyOfRange(batch.values(), 4, 6)).containsOnly(0);
  }

  @Test
  void aValueThatIsNotFiniteIsRefusedWithItsImage() {
    var values = new float[] {1, 2, 3, 4};
    var images = ImageSource.of(values, new int[2], 1, 1, 2);
    values[3] = Float.NaN;
    var batch = new FloatBatch(2, 1, 1, normalization);
    assertThatThrownBy(() -> new EvaluationBatches(images, 2).fill(0, batch))
        .isInstanceOf(DataException.class)
        .hasMessage("image 1 has a value that is NaN, it must be finite");
  }
}
