package io.github.densenet4j.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.error.DataException;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class DecodedImageTest {
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
  void sixteenBitsAreRoundedOnlyForThoseWhoAskForBytes() {
    var shorts = new DecodedImage.Shorts(new short[] {0, 128, 129, (short) 65_535, (short) 40_000, 300});
    var image = new DecodedImage(1, 2, 3, shorts);
    assertThat(image.nhwc()).isEqualTo(bytes(0, 0, 1, 255, 156, 1));
    var grey = image.toChannels(1);
    assertThat(grey.samples().get(0)).isEqualTo((587 * 128 + 114 * 129 + 500) / 1000);
    assertThat(grey.toChannels(3).samples().get(5)).isEqualTo(grey.samples().get(1));
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

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
