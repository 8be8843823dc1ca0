package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageSetTest {
  private static final byte[] PIXELS = TestFiles.randomBytes(4 * 2 * 3 * 2, 5);
  private final ImageSet images = new ImageSet(PIXELS, new int[] {3, 0, 200, 1}, 2, 3, 2);

  @Test
  void holdsWhatItWasGiven() {
    assertThat(images.count()).isEqualTo(4);
    assertThat(images.height()).isEqualTo(2);
    assertThat(images.width()).isEqualTo(3);
    assertThat(images.channels()).isEqualTo(2);
    assertThat(images.imageSize()).isEqualTo(12);
    assertThat(images.label(2)).isEqualTo(200);
    assertThat(images.image(2)).isEqualTo(Arrays.copyOfRange(PIXELS, 24, 36));
    assertThat(images.pixels().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(PIXELS);
    assertThat(images.pixels().isReadOnly()).isTrue();
  }

  @Test
  void splitsIntoViewsOfTheFirstAndLastImages() {
    var split = images.first(3).split(2);
    assertThat(split.training().count()).isEqualTo(1);
    assertThat(split.training().label(0)).isEqualTo(3);
    assertThat(split.heldOut().count()).isEqualTo(2);
    assertThat(split.heldOut().label(1)).isEqualTo(200);
    assertThat(split.heldOut().image(1)).isEqualTo(images.image(2));
    assertThat(split.heldOut().pixels().toArray(ValueLayout.JAVA_BYTE))
        .isEqualTo(Arrays.copyOfRange(PIXELS, 12, 36));
    assertThatThrownBy(() -> split.heldOut().image(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> split.training().label(1)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void reordersImagesWithTheirLabels() {
    var reordered = images.split(3).heldOut().reordered(new int[] {2, 0});
    assertThat(reordered.count()).isEqualTo(2);
    assertThat(reordered.label(0)).isEqualTo(1);
    assertThat(reordered.label(1)).isZero();
    assertThat(reordered.image(0)).isEqualTo(images.image(3));
    assertThat(reordered.image(1)).isEqualTo(images.image(1));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 5})
  void refusesALimitItCannotKeep(int n) {
    assertThatThrownBy(() -> images.first(n))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("The first %d images were asked for, but the set has 4; ask for 1 to 4.".formatted(n));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 0, 4, 5})
  void refusesASplitWithAnEmptyPart(int n) {
    assertThatThrownBy(() -> images.split(n))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("%d validation images cannot be taken from the 4 of the set; ask for 1 to 3.".formatted(n));
  }

  @Test
  void refusesArraysThatDoNotFit() {
    assertThatThrownBy(() -> new ImageSet(PIXELS, new int[] {0, 0, 0}, 2, 3, 2))
        .isInstanceOf(DataException.class)
        .hasMessage("The image set holds 48 pixel bytes, expected 36 for 3 images of 2x3x2.");
    assertThatThrownBy(() -> new ImageSet(PIXELS, new int[] {0, 0, -1, 0}, 2, 3, 2))
        .isInstanceOf(DataException.class)
        .hasMessage("Image 2 has label -1, expected 0 or more.");
    assertThatThrownBy(() -> new ImageSet(new byte[0], new int[0], 2, 3, 2))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("0 images of 2x3x2 is empty");
  }

  @ParameterizedTest
  @CsvSource({"50000, 224, 224, 3", "2147483647, 2147483647, 2147483647, 2147483647", "65536, 65536, 1, 1"})
  void refusesSizesBeyondOneArray(int count, int height, int width, int channels) {
    assertThatThrownBy(() -> ImageSet.byteSize(count, height, width, channels))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("%d images of %dx%dx%d need more than".formatted(count, height, width, channels));
  }
}
