package io.github.densenet4j.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.DataException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("fast")
class DecodedImageTest {
  @Test
  void sameSizeIsTheSameImage() {
    var image = noise(5, 7, 3);
    assertThat(image.resize(5, 7)).isSameAs(image);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,9,5", "7,5,3,7,11", "13,10,3,4,3", "10,13,1,1,1", "3,200,3,64,64"})
  void constantImagesStayConstant(int height, int width, int channels, int newHeight, int newWidth) {
    byte[] bytes = new byte[height * width * channels];
    Arrays.fill(bytes, (byte) 201);
    var resized = new DecodedImage(height, width, channels, bytes).resize(newHeight, newWidth);
    assertThat(resized.height()).isEqualTo(newHeight);
    assertThat(resized.width()).isEqualTo(newWidth);
    assertThat(resized.channels()).isEqualTo(channels);
    assertThat(resized.nhwc()).hasSize(newHeight * newWidth * channels).containsOnly((byte) 201);
  }

  @Test
  void growingInterpolatesBetweenPixelCentres() {
    var image = new DecodedImage(1, 2, 1, bytes(0, 200));
    // Centres of the four results lie at -0.25, 0.25, 0.75 and 1.25 pixel centres; the border holds.
    assertThat(image.resize(1, 4).nhwc()).isEqualTo(bytes(0, 50, 150, 200));
  }

  @Test
  void shrinkingUsesATriangleOverTwiceTheFactor() {
    var image = new DecodedImage(1, 6, 1, bytes(0, 0, 0, 240, 0, 0));
    // Factor 2, so the triangle has radius 2 and weights 1/8, 3/8, 3/8, 1/8 inside, renormalised at the border
    // where one falls outside: 3/7, 3/7, 1/7.
    assertThat(image.resize(1, 3).nhwc()).isEqualTo(bytes(0, 90, 34));
  }

  @Test
  void axesAndChannelsAreIndependent() {
    var image = noise(9, 14, 3);
    var resized = image.resize(4, 21);
    var turned = transpose(transpose(image).resize(21, 4));
    for (int i = 0; i < resized.nhwc().length; i++) {
      // Only the order of the float additions differs, which may tip the rounding by one.
      assertThat(Math.abs((resized.nhwc()[i] & 0xff) - (turned.nhwc()[i] & 0xff))).isLessThanOrEqualTo(1);
    }
  }

  @Test
  void colourBecomesGreyByBt601() {
    var image = new DecodedImage(1, 5, 3, bytes(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255, 10, 20, 30));
    var grey = image.toChannels(1);
    assertThat(grey.channels()).isEqualTo(1);
    assertThat(grey.nhwc()).isEqualTo(bytes(76, 150, 29, 255, 18));
  }

  @Test
  void greyBecomesColourByCopying() {
    var colour = new DecodedImage(2, 1, 1, bytes(7, 200)).toChannels(3);
    assertThat(colour.channels()).isEqualTo(3);
    assertThat(colour.nhwc()).isEqualTo(bytes(7, 7, 7, 200, 200, 200));
  }

  @Test
  void otherChannelsAreRefused() {
    var image = noise(1, 1, 3);
    assertThat(image.toChannels(3)).isSameAs(image);
    assertThatThrownBy(() -> image.toChannels(4))
        .isInstanceOf(DataException.class)
        .hasMessage("an image has 1 or 3 channels and cannot be fed to a model with 4");
  }

  @Test
  void bytesMustFitTheExtents() {
    assertThatThrownBy(() -> new DecodedImage(2, 2, 1, new byte[3])).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new DecodedImage(2, 2, 2, new byte[8])).isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new DecodedImage(0, 2, 1, new byte[0])).isInstanceOf(IllegalArgumentException.class);
  }

  private static DecodedImage noise(int height, int width, int channels) {
    byte[] bytes = new byte[height * width * channels];
    new Random(11).nextBytes(bytes);
    return new DecodedImage(height, width, channels, bytes);
  }

  private static DecodedImage transpose(DecodedImage image) {
    int channels = image.channels();
    byte[] bytes = new byte[image.nhwc().length];
    for (int y = 0; y < image.height(); y++) {
      for (int x = 0; x < image.width(); x++) {
        System.arraycopy(
            image.nhwc(), (y * image.width() + x) * channels, bytes, (x * image.height() + y) * channels, channels);
      }
    }
    return new DecodedImage(image.width(), image.height(), channels, bytes);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
