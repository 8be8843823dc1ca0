package io.github.densenet4j.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.data.Preprocessing.Interpolation;
import io.github.densenet4j.data.Preprocessing.Variation;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.internal.training.Packing;
import java.awt.image.BufferedImage;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Image files that were packed, cut and varied afterwards. */
@Tag("fast")
class PackedPicturesTest {
  private static final int PACKED = 40;

  @TempDir private Path folder;
  private Path files;

  @BeforeEach
  void draw() {
    files = folder.resolve("files");
    draw(BufferedImage.TYPE_INT_RGB);
  }

  private void draw(int type) {
    int seed = 0;
    for (String part : new String[] {"train/disc", "train/square", "val/disc", "val/square"}) {
      for (int i = 0; i < 3; i++) {
        var image = new BufferedImage(60 + 4 * i, 64, type);
        var random = new Random(seed++);
        var raster = image.getRaster();
        int most = type == BufferedImage.TYPE_USHORT_GRAY ? 0x10000 : 0x100;
        for (int y = 0; y < 64; y++) {
          for (int x = 0; x < image.getWidth(); x++) {
            for (int band = 0; band < raster.getNumBands(); band++) {
              raster.setSample(x, y, band, random.nextInt(most));
            }
          }
        }
        DrawnFiles.write(files.resolve(part + "/" + i + ".png"), image, "png");
      }
    }
  }

  private Path pack(Preprocessing preprocessing) {
    Path file = folder.resolve("files.pack");
    new Packing(OptionalInt.of(2), _ -> {}).write(ImageFiles.folder(files).preprocessing(preprocessing).open(), file);
    return file;
  }

  private static float[] read(ImageSource images, int index) {
    var values = new float[images.imageValues()];
    images.read(index, values, 0);
    return values;
  }

  private static float[] varied(ImageSource images, int index, long key) {
    var values = new float[images.imageValues()];
    images.readVaried(index, key, values, 0);
    return values;
  }

  @Test
  void whatIsPackedIsWhatTheFilesGive() {
    var small = Preprocessing.of(32).withResize(36).withInterpolation(Interpolation.BICUBIC);
    var direct = ImageFiles.folder(files).preprocessing(small).open();
    var packed = Dataset.open("pack:" + pack(small));
    assertThat(packed.preprocessing()).contains(small);
    assertThat(packed.decoder()).isEqualTo(direct.decoder());
    assertThat(packed.classNames()).containsExactly("disc", "square");
    for (int i = 0; i < 6; i++) {
      assertThat(read(packed.training(), i)).isEqualTo(read(direct.training(), i));
      assertThat(varied(packed.training(), i, 5)).isEqualTo(read(direct.training(), i));
    }
  }

  @Test
  void packedImagesAreCutAsFilesAre() {
    Path file = pack(Preprocessing.of(PACKED).withResize(PACKED));
    var cut = Preprocessing.of(32).withResize(PACKED);
    var direct = ImageFiles.folder(files).preprocessing(cut).open();
    var packed = ImageFiles.packed(file).preprocessing(cut).open();
    assertThat(packed.preprocessing()).contains(cut);
    assertThat(packed.name()).isEqualTo("pack:" + file);
    for (int i = 0; i < 6; i++) {
      assertThat(read(packed.training(), i)).isEqualTo(read(direct.training(), i));
    }
    assertThat(read(ImageFiles.packed(file).preprocessing(cut).evaluation(), 1))
        .isEqualTo(read(direct.heldOut().orElseThrow(), 1));
  }

  @Test
  void whatWasCutAwayIsNotAskedFor() {
    Path file = pack(Preprocessing.of(PACKED).withResize(50).withUpright(false));
    var cut = Preprocessing.of(32).withResize(50);
    var packed = ImageFiles.packed(file).preprocessing(cut).open();
    assertThat(packed.preprocessing()).contains(cut.withUpright(false));
    var direct = ImageFiles.folder(files).preprocessing(cut).open();
    assertThat(read(packed.training(), 4)).isEqualTo(read(direct.training(), 4));
    assertThatThrownBy(() -> ImageFiles.packed(file).preprocessing(Preprocessing.of(50).withResize(50)).open())
        .isInstanceOf(DataException.class)
        .hasMessage(
            "%s has 40 of 50 pixels of each side, and 50 of 50 are asked for: pack the whole, or ask for less", file);
  }

  @Test
  void randomCropsAreFunctionsOfTheKey() {
    Path file = pack(Preprocessing.of(PACKED).withResize(PACKED));
    var varied = Preprocessing.of(32).withResize(PACKED).withVariation(Variation.IMAGENET);
    var images = ImageFiles.packed(file).preprocessing(varied).open().training();
    assertThat(varied(images, 2, 7)).isEqualTo(varied(images, 2, 7)).isNotEqualTo(varied(images, 2, 8));
    assertThat(read(images, 2)).isNotEqualTo(varied(images, 2, 7));
  }

  @Test
  void sixteenBitsKeepTheirPrecision() {
    draw(BufferedImage.TYPE_USHORT_GRAY);
    var grey = Preprocessing.of(PACKED).withResize(PACKED).withChannels(1);
    Path file = pack(grey);
    var direct = ImageFiles.folder(files).preprocessing(grey).open().training();
    var stored = Dataset.open("pack:" + file).training();
    var cut = ImageFiles.packed(file).preprocessing(grey).open().training();
    assertThat(stored.pixels()).isEqualTo(ImageSource.Pixels.FLOAT32);
    assertThat(read(stored, 3)).isEqualTo(read(direct, 3));
    for (int i = 0; i < direct.imageValues(); i++) {
      assertThat(read(cut, 3)[i]).isCloseTo(read(direct, 3)[i], within(0.5f / 0x101 + 1e-4f));
    }
  }

  @Test
  void floatsThatAreNoPicturesAreRefused() {
    var floats = ImageSource.of(new float[] {-3, 700}, new int[] {0, 1}, 1, 1, 1);
    Path file = folder.resolve("floats.pack");
    new Packing(OptionalInt.of(0), _ -> {}).write(Dataset.of(floats), file);
    assertThatThrownBy(() -> ImageFiles.packed(file).open())
        .isInstanceOf(DataException.class)
        .hasMessageStartingWith(file + " has images of 1 channels in any unit");
  }
}
