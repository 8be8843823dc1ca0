package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.data.Preprocessing.Variation;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.io.DecodedImage;
import java.util.HashSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("fast")
class PreparedImagesTest {
  private static final int HEIGHT = 40;
  private static final int WIDTH = 60;

  /** A picture whose red is its row and whose green its column, so that each pixel says where it comes from. */
  private record Ramp(int count) implements Pictures {
    @Override
    public int label(int index) {
      return 0;
    }

    @Override
    public DecodedImage picture(int index) {
      var bytes = new byte[HEIGHT * WIDTH * 3];
      for (int i = 0; i < HEIGHT * WIDTH; i++) {
        bytes[3 * i] = (byte) (4 * (i / WIDTH));
        bytes[3 * i + 1] = (byte) (4 * (i % WIDTH));
        bytes[3 * i + 2] = 100;
      }
      return new DecodedImage(HEIGHT, WIDTH, 3, bytes);
    }

    @Override
    public boolean isDeep() {
      return false;
    }

    @Override
    public String digest() {
      return "ramp";
    }
  }

  private static final Preprocessing SMALL = Preprocessing.of(16).withResize(20);

  private static byte[] varied(Variation variation, long key) {
    var image = new byte[16 * 16 * 3];
    new PreparedImages(new Ramp(1), SMALL.withVariation(variation)).readVaried(0, key, image, 0);
    return image;
  }

  private static byte[] plain() {
    var image = new byte[16 * 16 * 3];
    new PreparedImages(new Ramp(1), SMALL).read(0, image, 0);
    return image;
  }

  @Test
  void chanceIsAFunctionOfTheKey() {
    var all = Variation.IMAGENET.withRotation(20).withJitter(0.3, 0.3, 0.3, 0.1);
    assertThat(varied(all, 5)).isEqualTo(varied(all, 5));
    assertThat(varied(all, 6)).isNotEqualTo(varied(all, 5));
    assertThat(varied(Variation.NONE, 5)).isEqualTo(plain());
    var floats = new float[16 * 16 * 3];
    new PreparedImages(new Ramp(1), SMALL.withVariation(all)).readVaried(0, 5, floats, 0);
    byte[] bytes = varied(all, 5);
    for (int i = 0; i < bytes.length; i++) {
      assertThat(floats[i]).isEqualTo(Byte.toUnsignedInt(bytes[i]));
    }
  }

  @Test
  void flipsAsOftenAsTheySay() {
    byte[] plain = plain();
    int flips = 0;
    for (int key = 0; key < 1_000; key++) {
      byte[] image = varied(Variation.NONE.withFlip(0.3), key);
      boolean flipped = Byte.toUnsignedInt(image[1]) > Byte.toUnsignedInt(image[15 * 3 + 1]);
      flips += flipped ? 1 : 0;
      if (flipped) {
        assertThat(image[7 * 48 + 4]).isEqualTo(plain[7 * 48 + 14 * 3 + 1]);
      } else {
        assertThat(image).isEqualTo(plain);
      }
    }
    assertThat(flips).isBetween(300 - 5 * 15, 300 + 5 * 15); // five deviations sqrt(n p (1 - p))
  }

  /** Area and ratio of what is cut out, read from the first and last pixels' rows and columns. */
  @Test
  void cropsHaveTheAreasAndRatiosThatWereAskedFor() {
    var corners = new HashSet<Integer>();
    double least = 1;
    double most = 0;
    for (int key = 0; key < 1_000; key++) {
      byte[] image = varied(Variation.NONE.withCrop(0.25, 1.5), key);
      double height = extent(image, 0, 15 * 16);
      double width = extent(image, 1, 15);
      double area = height * width / (HEIGHT * WIDTH);
      // Both ends of an axis are read to half a level of four a pixel, and the border blurs by as much again.
      assertThat(area).isBetween(0.20, 1.08);
      assertThat(width / height).isBetween(1 / 1.5 - 0.12, 1.5 + 0.15);
      least = Math.min(least, area);
      most = Math.max(most, area);
      corners.add(image[0] << 8 | image[1]);
    }
    assertThat(least).isLessThan(0.3);
    assertThat(most).isGreaterThan(0.9);
    assertThat(corners).hasSizeGreaterThan(100);
  }

  /** From pixel centre to pixel centre, 15 of 16 of what was cut out, in pixels of the picture. */
  private static double extent(byte[] image, int channel, int lastPixel) {
    int first = Byte.toUnsignedInt(image[channel]);
    int last = Byte.toUnsignedInt(image[3 * lastPixel + channel]);
    return (last - first) / 4.0 * 16 / 15;
  }

  @Test
  void aPictureTooNarrowForTheRatioIsCutInTheMiddle() {
    var variation = Variation.NONE.withCrop(0.999, 1.0); // of 40x60, no square has so much
    byte[] image = varied(variation, 1);
    assertThat(extent(image, 0, 15 * 16)).isBetween(38.0, 42.0);
    assertThat(extent(image, 1, 15)).isBetween(38.0, 42.0);
    assertThat(Byte.toUnsignedInt(image[1])).isBetween(4 * 10, 4 * 12);
  }

  @Test
  void coloursChangeWithinWhatTheySay() {
    int[] blue = IntStream.range(0, 300).map(
        key -> Byte.toUnsignedInt(varied(Variation.NONE.withJitter(0.4, 0, 0, 0), key)[2])).toArray();
    assertThat(IntStream.of(blue)).allMatch(level -> level >= 60 && level <= 140);
    assertThat(IntStream.of(blue).min().orElseThrow()).isLessThan(65);
    assertThat(IntStream.of(blue).max().orElseThrow()).isGreaterThan(135);
    assertThat(varied(Variation.NONE.withJitter(0, 0.4, 0.4, 0.2), 3)).isNotEqualTo(plain());
    assertThat(varied(Variation.NONE.withRotation(30), 3)).isNotEqualTo(plain());
  }

  @Test
  void numbersOutOfRangeAreRefused() {
    assertThat(Preprocessing.of(224).resize()).isEqualTo(256);
    assertThatThrownBy(() -> Preprocessing.of(0))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("picture size is 0, expected 1 to 30000");
    assertThatThrownBy(() -> SMALL.withChannels(2)).hasMessage("picture channels is 2, expected 1 or 3");
    assertThatThrownBy(() -> SMALL.withResize(0)).hasMessage("resized side is 0, expected 1 to 30000");
    var none = Variation.NONE;
    assertThatThrownBy(() -> none.withCrop(0, 1)).hasMessage("crop scale is 0.0, expected above 0 and at most 1");
    assertThatThrownBy(() -> none.withCrop(1, 0.5)).hasMessage("crop ratio is 0.5, expected at least 1");
    assertThatThrownBy(() -> none.withFlip(Double.NaN)).hasMessage("flip probability is NaN, expected 0 to 1");
    assertThatThrownBy(() -> none.withRotation(181)).hasMessage("rotation is 181.0, expected 0 to 180");
    assertThatThrownBy(() -> none.withJitter(0, -1, 0, 0)).hasMessage("colour jitter is -1.0, expected at least 0");
    assertThatThrownBy(() -> none.withJitter(0, 0, 0, 1)).hasMessage("hue jitter is 1.0, expected 0 to 0.5");
  }
}
