package io.github.densenet4j.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.Mutation;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.error.DeviceException;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The decoder of libjpeg-turbo beside the JDK's. Needs libturbojpeg. */
class TurboJpegTest {
  private static final int FILES = 500;
  private static final int MANY_FILES = 40_000;

  @TempDir private Path folder;

  private static JpegDecoder turbo;

  @BeforeAll
  static void requireLibrary() {
    var found = TurboJpeg.ofSystem();
    Assumptions.assumeTrue(found.isPresent(), "this system has no " + TurboJpeg.FILE_NAME + ": install libturbojpeg0");
    turbo = new JpegDecoder(found);
  }

  private static byte[] jpeg(int width, int height, int type, boolean progressive, float quality) throws IOException {
    var image = new BufferedImage(width, height, type);
    var random = new Random(width);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        int noise = random.nextInt(40);
        image.setRGB(x, y, 3 * x % 216 + noise << 16 | 2 * y % 216 + noise << 8 | (x + y) % 216 + noise);
      }
    }
    var bytes = new ByteArrayOutputStream();
    var writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (var out = new MemoryCacheImageOutputStream(bytes)) {
      var parameters = writer.getDefaultWriteParam();
      parameters.setCompressionMode(ImageWriteParam.MODE_EXPLICIT);
      parameters.setCompressionQuality(quality);
      if (progressive) {
        parameters.setProgressiveMode(ImageWriteParam.MODE_DEFAULT);
      }
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), parameters);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static byte[] jpeg(boolean progressive) throws IOException {
    return jpeg(40, 30, BufferedImage.TYPE_INT_RGB, progressive, 0.8f);
  }

  private static DecodedImage decode(byte[] file, JpegDecoder decoder) throws IOException {
    return Images.decodeJpeg(PlainJpeg.of(file), "image", decoder);
  }

  private static void checkSame(DecodedImage found, DecodedImage expected) {
    assertThat(found.height()).isEqualTo(expected.height());
    assertThat(found.width()).isEqualTo(expected.width());
    assertThat(found.channels()).isEqualTo(expected.channels());
    assertThat(samples(found)).isEqualTo(samples(expected));
  }

  private static int[] samples(DecodedImage image) {
    return IntStream.range(0, image.samples().count()).map(image.samples()::get).toArray();
  }

  /** Both are libjpeg's arithmetic, to the bit. */
  @ParameterizedTest
  @CsvSource({"1, 1", "17, 9", "64, 33", "333, 250"})
  void givesTheSamplesOfTheJdksDecoder(int width, int height) throws IOException {
    for (int type : new int[] {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_BYTE_GRAY}) {
      for (boolean progressive : new boolean[] {false, true}) {
        for (float quality : new float[] {0.2f, 0.9f}) {
          byte[] file = jpeg(width, height, type, progressive, quality);
          checkSame(decode(file, turbo), decode(file, JpegDecoder.of("imageio")));
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void everyTruncationIsRefused(boolean progressive) throws IOException {
    byte[] whole = jpeg(progressive);
    for (int length = 0; length < whole.length; length += 1 + whole.length / 150) {
      byte[] cut = Arrays.copyOf(whole, length);
      assertThatThrownBy(() -> decode(cut, turbo)).as("cut to %d bytes", length).isInstanceOf(IOException.class);
    }
    assertThatThrownBy(() -> decode(Arrays.copyOf(whole, whole.length - 1), turbo)).isInstanceOf(IOException.class);
  }

  @Test
  void damagedFilesAreDecodedOrRefused() throws IOException {
    decodeDamaged(FILES, 1);
  }

  @Test
  @Tag("slow")
  void manyDamagedFilesAreDecodedOrRefused() throws IOException {
    decodeDamaged(MANY_FILES, 2);
  }

  /** Whatever it is, this process survives it. */
  private static void decodeDamaged(int files, long seed) throws IOException {
    for (boolean progressive : new boolean[] {false, true}) {
      byte[] sound = jpeg(progressive);
      var mutation = new Mutation(seed);
      int refused = 0;
      for (int i = 0; i < files; i++) {
        refused += isRefused(mutation.of(sound)) ? 1 : 0;
      }
      assertThat(refused).isBetween(files / 50, files - 1);
      checkSame(decode(sound, turbo), decode(sound, JpegDecoder.of("imageio")));
    }
  }

  private static boolean isRefused(byte[] file) {
    try {
      var jpeg = PlainJpeg.of(file);
      if ((long) jpeg.width() * jpeg.height() * jpeg.scans() > 1_000_000 || jpeg.components() % 2 == 0) {
        return true; // what Images refuses before it decodes, or has the JDK decode
      }
      Images.decodeJpeg(jpeg, "image", turbo);
      return false;
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException | DataException refusal) {
      return true;
    }
  }

  @Test
  void extentsThatAreNotTheFilesAreRefusedBeforeAnythingIsWritten() throws IOException {
    var jpeg = PlainJpeg.of(jpeg(false));
    var smaller =
        new PlainJpeg(20, 30, 3, 1, Optional.empty(), jpeg.orientation(), jpeg.bytes());
    assertThatThrownBy(() -> Images.decodeJpeg(smaller, "image", turbo))
        .isInstanceOf(IOException.class)
        .hasMessage("it is read as 40 x 30 pixels");
  }

  @Test
  void severalThreadsMayDecodeAtOnce() throws IOException {
    byte[] file = jpeg(true);
    var expected = samples(decode(file, turbo));
    assertThat(IntStream.range(0, 64).parallel().mapToObj(_ -> decoded(file))).allMatch(
        found -> Arrays.equals(samples(found), expected));
  }

  private static DecodedImage decoded(byte[] file) {
    try {
      return decode(file, turbo);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void theSystemPropertyChooses() throws IOException {
    assertThat(JpegDecoder.of("imageio").name()).isEqualTo("imageio " + Runtime.version().feature());
    assertThat(JpegDecoder.of("turbojpeg").name()).matches("turbojpeg \\d[\\w.]+");
    assertThat(JpegDecoder.of("").name()).isEqualTo(turbo.name());
    assertThatThrownBy(() -> JpegDecoder.of("opencv"))
        .isInstanceOf(ConfigurationException.class)
        .hasMessage("-Ddensenet4j.jpeg is 'opencv', expected imageio, turbojpeg, or a file of libturbojpeg");
    Path text = Files.writeString(folder.resolve("libturbojpeg.so.0"), "no library");
    assertThatThrownBy(() -> JpegDecoder.of(text.toString()))
        .isInstanceOf(DeviceException.class)
        .hasMessageStartingWith("libturbojpeg cannot be loaded");
  }
}
