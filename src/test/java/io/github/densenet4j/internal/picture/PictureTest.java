package io.github.densenet4j.internal.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.data.TestFiles;
import io.github.densenet4j.internal.io.DecodedImage;
import io.github.densenet4j.internal.io.Images;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Against what Pillow makes of the same pictures: src/test/resources/pictures/README.md. */
@Tag("fast")
class PictureTest {
  private static final Path PICTURES = Path.of("src/test/resources/pictures");

  @ParameterizedTest
  @CsvSource({"colour, 9, 11", "colour, 64, 80", "colour, 37, 20", "colour, 90, 53", "grey, 16, 16"})
  void resizesAsPillow(String name, int height, int width) {
    for (var kernel : Kernel.values()) {
      var resized = Picture.of(read(name), kernel, height, width);
      expect(resized, "%s-%s-%dx%d".formatted(name, label(kernel), height, width), 1);
      // Pillow's fixed point and our float32 agree but on what lies within 1e-5 of a half.
      assertThat(different(resized, "%s-%s-%dx%d".formatted(name, label(kernel), height, width))).isLessThan(0.01);
    }
  }

  @ParameterizedTest
  @EnumSource(Kernel.class)
  void sixteenBitsKeepTheirPrecision(Kernel kernel) {
    var resized = Picture.of(read("deep"), kernel, 12, 15);
    assertThat(resized.whole()).isFalse();
    var expected = read("deep-%s-12x15".formatted(label(kernel)));
    for (int i = 0; i < resized.values().length; i++) {
      // The expected value was rounded to 1/257, and float32 sums of 30 products err by less than 0.001.
      assertThat(257.0 * resized.values()[i]).isCloseTo(expected.samples().get(i), within(0.76));
    }
  }

  @Test
  void shortSideAndCentreCropAsTorchvision() {
    expect(new Geometry(16, 20, Kernel.BILINEAR, 3).apply(read("colour")), "colour-short20-crop16", 1);
  }

  @Test
  void cutsThenResizes() {
    var box = new Box(5, 7, 22, 30);
    expect(Resampling.of(read("colour"), box, Kernel.BICUBIC, 16, 16, Box.all(16, 16)), "colour-cut-16x16", 1);
  }

  @Test
  void aPartOfAResizedImageIsThatPart() {
    var image = read("colour");
    var all = Box.all(image.height(), image.width());
    var whole = Resampling.of(image, all, Kernel.BICUBIC, 29, 31, Box.all(29, 31));
    var part = Resampling.of(image, all, Kernel.BICUBIC, 29, 31, new Box(-3, 20, 40, 15));
    for (int y = 0; y < 40; y++) {
      for (int x = 0; x < 15; x++) {
        boolean inside = y >= 3 && y < 32 && x < 11;
        float expected = inside ? whole.values()[((y - 3) * 31 + x + 20) * 3 + 1] : 0;
        assertThat(part.values()[(y * 15 + x) * 3 + 1]).isEqualTo(expected);
      }
    }
  }

  @Test
  void rotatesAsPillow() {
    var picture = same("colour");
    expect(picture.rotated(30), "colour-rotated30", 1);
    assertThat(picture.rotated(0).values()).isEqualTo(picture.values());
  }

  @ParameterizedTest
  @CsvSource({"colour, 0.6", "colour, 1.4", "grey, 1.4"})
  void brightnessContrastAndSaturationAsPillow(String name, float factor) {
    var picture = same(name);
    expect(Colours.brightness(picture, factor), name + "-brightness-" + factor, 1);
    expect(Colours.contrast(picture, factor), name + "-contrast-" + factor, 1);
    if (picture.channels() == 3) {
      expect(Colours.saturation(picture, factor), name + "-saturation-" + factor, 1);
    } else {
      assertThat(Colours.saturation(picture, factor)).isSameAs(picture);
    }
  }

  @Test
  void hueTurnsTheCircle() {
    var red = new Picture(1, 3, 3, true, new float[] {200, 50, 50, 90, 90, 90, 255, 128, 0});
    assertThat(Colours.hue(red, 1 / 3f).values()).containsExactly(50, 200, 50, 90, 90, 90, 0, 255, 128);
    assertThat(Colours.hue(red, -1 / 3f).values()).containsExactly(50, 50, 200, 90, 90, 90, 128, 0, 255);
    assertThat(Colours.hue(red, 0.5f).values()).containsExactly(50, 200, 200, 90, 90, 90, 0, 127, 255);
    assertThat(Colours.hue(red, 0).values()).isEqualTo(red.values());
  }

  @Test
  void flipsFromLeftToRight() {
    var picture = new Picture(2, 2, 3, true, new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12});
    assertThat(picture.flipped().values()).containsExactly(4, 5, 6, 1, 2, 3, 10, 11, 12, 7, 8, 9);
    assertThat(picture.flipped().flipped()).usingRecursiveComparison().isEqualTo(picture);
  }

  @ParameterizedTest
  @CsvSource({"1,1,1,9,5", "7,5,3,7,11", "13,10,3,4,3", "10,13,1,1,1", "3,200,3,64,64"})
  void constantImagesStayConstant(int height, int width, int channels, int newHeight, int newWidth) {
    byte[] bytes = new byte[height * width * channels];
    Arrays.fill(bytes, (byte) 201);
    for (var kernel : Kernel.values()) {
      var resized = Picture.of(new DecodedImage(height, width, channels, bytes), kernel, newHeight, newWidth);
      assertThat(resized.values()).hasSize(newHeight * newWidth * channels).containsOnly(201);
    }
  }

  @Test
  void growingInterpolatesBetweenPixelCentres() {
    var image = new DecodedImage(1, 2, 1, TestFiles.bytes(0, 200));
    // Centres of the four results lie at -0.25, 0.25, 0.75 and 1.25 pixel centres; the border holds.
    assertThat(Picture.of(image, Kernel.BILINEAR, 1, 4).values()).containsExactly(0, 50, 150, 200);
  }

  @Test
  void shrinkingUsesATriangleOverTwiceTheFactor() {
    var image = new DecodedImage(1, 6, 1, TestFiles.bytes(0, 0, 0, 240, 0, 0));
    // Factor 2, so the triangle has radius 2 and weights 1/8, 3/8, 3/8, 1/8 inside, renormalised at the border
    // where one falls outside: 3/7, 3/7, 1/7.
    assertThat(Picture.of(image, Kernel.BILINEAR, 1, 3).values()).containsExactly(0, 90, 34);
  }

  @Test
  void smallImagesStandInTheMiddleAndLargeOnesAreResized() {
    var small = new DecodedImage(1, 2, 1, TestFiles.bytes(7, 9));
    assertThat(Picture.fitted(small, 4).values()).containsExactly(0, 0, 0, 0, 0, 7, 9, 0, 0, 0, 0, 0, 0, 0, 0, 0);
    assertThat(Picture.fitted(small, 1).values()).containsExactly(8);
  }

  private static DecodedImage read(String name) {
    return Images.read(PICTURES.resolve(name + ".png"));
  }

  private static Picture same(String name) {
    var image = read(name);
    return Picture.of(image, Kernel.BILINEAR, image.height(), image.width());
  }

  private static String label(Kernel kernel) {
    return kernel.name().toLowerCase(Locale.ROOT);
  }

  private static void expect(Picture picture, String name, int levels) {
    var expected = read(name);
    assertThat(picture.height()).isEqualTo(expected.height());
    assertThat(picture.width()).isEqualTo(expected.width());
    for (int i = 0; i < picture.values().length; i++) {
      assertThat(picture.values()[i])
          .as("%s, value %d", name, i)
          .isCloseTo(expected.samples().get(i), within((float) levels));
    }
  }

  /** The share of values that are not the same. */
  private static double different(Picture picture, String name) {
    var expected = read(name);
    int different = 0;
    for (int i = 0; i < picture.values().length; i++) {
      different += picture.values()[i] == expected.samples().get(i) ? 0 : 1;
    }
    return (double) different / picture.values().length;
  }
}
