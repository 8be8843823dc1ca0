package io.github.densenet4j.internal.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.data.TestFiles;
import io.github.densenet4j.error.DataException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class NormalizationTest {
  @Test
  void measuresMeanAndPopulationDeviationOfEachChannel() {
    byte[] pixels = TestFiles.randomBytes(5 * 7 * 3 * 3, 1);
    var images = ImageSource.of(pixels, new int[5], 7, 3, 3).slice(0, 4);
    var normalization = Normalization.of(images);
    int n = 4 * 7 * 3;
    for (int c = 0; c < 3; c++) {
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += pixels[i * 3 + c] & 0xff;
      }
      double mean = sum / n;
      double squares = 0;
      for (int i = 0; i < n; i++) {
        squares += Math.pow((pixels[i * 3 + c] & 0xff) - mean, 2);
      }
      assertThat(normalization.mean().get(c)).isEqualTo(mean); // sums of integers are exact
      // n additions of positive terms, each off by at most half an ulp.
      assertThat(normalization.std().get(c)).isCloseTo(Math.sqrt(squares / n), within(n * Math.ulp(128.0)));
    }
  }

  @Test
  void givesAConstantChannelTheDeviationOne() {
    var images = ImageSource.of(TestFiles.bytes(7, 0, 7, 255, 7, 0, 7, 255), new int[2], 1, 2, 2);
    assertThat(Normalization.of(images)).isEqualTo(new Normalization(List.of(7.0, 127.5), List.of(1.0, 127.5)));
  }

  @Test
  void measuresFloatsAsItDoesBytes() {
    byte[] pixels = TestFiles.randomBytes(5 * 7 * 3 * 2, 1);
    var floats = new float[pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      floats[i] = pixels[i] & 0xff;
    }
    var ofBytes = Normalization.of(ImageSource.of(pixels, new int[5], 7, 3, 2));
    var ofFloats = Normalization.of(ImageSource.of(floats, new int[5], 7, 3, 2));
    for (int c = 0; c < 2; c++) {
      // Some hundred roundings of values below 256 each.
      assertThat(ofFloats.mean().get(c)).isCloseTo(ofBytes.mean().get(c), within(105 * Math.ulp(256.0)));
      assertThat(ofFloats.std().get(c)).isCloseTo(ofBytes.std().get(c), within(105 * Math.ulp(256.0)));
    }
  }

  @Test
  void aLargeMeanCostsAFloatChannelNoDigits() {
    var images = ImageSource.of(new float[] {1e7f, 5, 1e7f + 1, 5, 1e7f + 2, 5, 1e7f + 3, 5}, new int[2], 1, 2, 2);
    assertThat(Normalization.of(images))
        .isEqualTo(new Normalization(List.of(1e7 + 1.5, 5.0), List.of(Math.sqrt(1.25), 1.0)));
  }

  @Test
  void normalizesValuesAsItDoesLevels() {
    var normalization = new Normalization(List.of(125.3, 123.0), List.of(63.0, 62.1));
    var values = new float[] {9, 0, 200, 255, 17};
    var normalized = new float[6];
    normalization.apply(values, 1, normalized, 2, 4);
    assertThat(normalized)
        .containsExactly(0, 0, normalization.levels()[0], normalization.levels()[256 + 200],
            normalization.levels()[255], normalization.levels()[256 + 17]);
  }

  @Test
  void normalizesEveryLevel() {
    float[] levels = new Normalization(List.of(125.3, 123.0), List.of(63.0, 62.1)).levels();
    assertThat(levels).hasSize(512);
    for (int v = 0; v < 256; v++) {
      assertThat(levels[v]).isEqualTo((float) ((v - 125.3) / 63.0));
      assertThat(levels[256 + v]).isEqualTo((float) ((v - 123.0) / 62.1));
    }
  }

  @Test
  void refusesNumbersThatCannotNormalize() {
    assertRefused(List.of(), List.of());
    assertRefused(List.of(1.0), List.of(1.0, 2.0));
    assertRefused(List.of(Double.NaN), List.of(1.0));
    assertRefused(List.of(1.0), List.of(0.0));
    assertRefused(List.of(1.0), List.of(-1.0));
    assertRefused(List.of(1.0), List.of(Double.POSITIVE_INFINITY));
    assertRefused(List.of(1.0), List.of(Double.NaN));
  }

  @Test
  void keepsItsOwnNumbers() {
    var mean = new ArrayList<>(List.of(1.0));
    var normalization = new Normalization(mean, List.of(2.0));
    mean.set(0, 9.0);
    assertThat(normalization).isEqualTo(new Normalization(List.of(1.0), List.of(2.0)));
    assertThat(normalization.channels()).isEqualTo(1);
  }

  private static void assertRefused(List<Double> mean, List<Double> std) {
    assertThatThrownBy(() -> new Normalization(mean, std))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "The normalisation has mean %s and std %s, expected a finite mean and a positive std for every channel."
                .formatted(mean, std));
  }
}
