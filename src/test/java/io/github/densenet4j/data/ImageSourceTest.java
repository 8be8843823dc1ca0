package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("fast")
class ImageSourceTest {
  private static final byte[] PIXELS = TestFiles.randomBytes(4 * 2 * 3 * 2, 5);
  private final ImageSource images = ImageSource.of(PIXELS, new int[] {3, 0, 200, 1}, 2, 3, 2);

  private static float[] floats(ImageSource images, int index) {
    var values = new float[images.imageValues() + 2];
    images.read(index, values, 1);
    assertThat(values[0]).isZero();
    assertThat(values[values.length - 1]).isZero();
    return Arrays.copyOfRange(values, 1, values.length - 1);
  }

  @Test
  void holdsTheBytesItWasGiven() {
    assertThat(images.count()).isEqualTo(4);
    assertThat(images.height()).isEqualTo(2);
    assertThat(images.width()).isEqualTo(3);
    assertThat(images.channels()).isEqualTo(2);
    assertThat(images.imageValues()).isEqualTo(12);
    assertThat(images.pixels()).isEqualTo(ImageSource.Pixels.UINT8);
    assertThat(images.label(2)).isEqualTo(200);
    assertThat(TestFiles.image(images, 2)).isEqualTo(Arrays.copyOfRange(PIXELS, 24, 36));
    assertThat(floats(images, 3)[11]).isEqualTo(PIXELS[47] & 0xff);
  }

  @Test
  void shortsAreUnsignedAndReadAsFloats() {
    var wide = ImageSource.of(new short[] {0, 1, (short) 0xffff, -32768}, new int[] {1, 0}, 1, 2, 1);
    assertThat(wide.pixels()).isEqualTo(ImageSource.Pixels.FLOAT32);
    assertThat(floats(wide, 0)).containsExactly(0, 1);
    assertThat(floats(wide, 1)).containsExactly(65535, 32768);
    assertThatThrownBy(() -> wide.read(0, new byte[2], 0)).isInstanceOf(UnsupportedOperationException.class);
  }

  @Test
  void floatsAreReadAsTheyAre() {
    var real = ImageSource.of(new float[] {-1.5f, 0, 1e30f, -0f}, new int[] {1, 0}, 1, 1, 2);
    assertThat(floats(real, 0)).containsExactly(-1.5f, 0);
    assertThat(floats(real, 1)).containsExactly(1e30f, -0f);
    for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      assertThatThrownBy(() -> ImageSource.of(new float[] {0, 0, 0, bad}, new int[2], 1, 1, 2))
          .isInstanceOf(DataException.class)
          .hasMessage("image 1 has a value that is %s, it must be finite", bad);
    }
  }

  @Test
  void labelsAreTheSourcesOwn() {
    int[] labels = {1, 0};
    var own = ImageSource.of(new byte[2], labels, 1, 1, 1);
    labels[0] = 7;
    assertThat(own.label(0)).isEqualTo(1);
  }

  @Test
  void aSliceIsAViewOfSomeImages() {
    var slice = images.slice(1, 3).slice(1, 2);
    assertThat(slice.count()).isEqualTo(2);
    assertThat(slice.label(0)).isEqualTo(200);
    assertThat(slice.pixels()).isEqualTo(ImageSource.Pixels.UINT8);
    assertThat(slice.imageValues()).isEqualTo(12);
    assertThat(TestFiles.image(slice, 1)).isEqualTo(TestFiles.image(images, 3));
    assertThat(floats(slice, 1)).isEqualTo(floats(images, 3));
    assertThatThrownBy(() -> slice.label(2)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(() -> slice.read(-1, new float[12], 0)).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void anotherOrderIsAViewToo() {
    var reordered = images.select(3, 0);
    assertThat(reordered.count()).isEqualTo(2);
    assertThat(reordered.label(0)).isEqualTo(1);
    assertThat(TestFiles.image(reordered, 1)).isEqualTo(TestFiles.image(images, 0));
  }

  @ParameterizedTest
  @CsvSource({"-1, 1", "0, 0", "0, 5", "4, 1", "3, 2", "1, 2147483647"})
  void refusesASliceThatIsNotThere(int from, int count) {
    assertThatThrownBy(() -> images.slice(from, count))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("%d images from image %d on were asked for, but there are 4", count, from);
  }

  @Test
  void refusesArraysThatDoNotFit() {
    assertThatThrownBy(() -> ImageSource.of(PIXELS, new int[] {0, 0, 0}, 2, 3, 2))
        .isInstanceOf(DataException.class)
        .hasMessage("the images have 48 values, expected 36 for 3 images of 2x3x2");
    assertThatThrownBy(() -> ImageSource.of(PIXELS, new int[] {0, 0, -1, 0}, 2, 3, 2))
        .isInstanceOf(DataException.class)
        .hasMessage("the label of image 2 is -1, it must be at least 0");
    assertThatThrownBy(() -> ImageSource.of(new float[0], new int[0], 2, 3, 2))
        .isInstanceOf(DataException.class)
        .hasMessage("0 images of 2x3x2 are empty, expected at least one image with a pixel");
  }

  @ParameterizedTest
  @CsvSource({"50000, 224, 224, 3", "2147483647, 2147483647, 2147483647, 2147483647", "65536, 65536, 1, 1"})
  void refusesSizesBeyondOneArray(int count, int height, int width, int channels) {
    assertThatThrownBy(() -> ArrayImages.length(count, height, width, channels))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("%d images of %dx%dx%d have more than".formatted(count, height, width, channels));
  }
}
