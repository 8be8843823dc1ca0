package io.github.densenet4j.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.data.TestFiles;
import io.github.densenet4j.error.DataException;
import java.awt.Transparency;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.IndexColorModel;
import java.awt.image.Raster;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.IIOException;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Tag("fast")
class ImagesTest {
  static final Path PICTURES = Path.of("src/test/resources/pictures");

  @TempDir Path folder;

  @Test
  void colourPngIsExact() throws IOException {
    var image = new BufferedImage(3, 2, BufferedImage.TYPE_INT_RGB);
    image.setRGB(2, 1, 0x0180fe);
    image.setRGB(0, 0, 0xff0000);
    var read = Images.read(write(encode(image, "png")));
    assertThat(read.height()).isEqualTo(2);
    assertThat(read.width()).isEqualTo(3);
    assertThat(read.channels()).isEqualTo(3);
    assertThat(read.nhwc())
        .containsExactly(0xff, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x01, 0x80, 0xfe);
  }

  @Test
  void greyPngKeepsItsStoredValues() throws IOException {
    var image = new BufferedImage(256, 1, BufferedImage.TYPE_BYTE_GRAY);
    for (int x = 0; x < 256; x++) {
      image.getRaster().setSample(x, 0, 0, x);
    }
    var read = Images.read(write(encode(image, "png")));
    assertThat(read.channels()).isEqualTo(1);
    for (int x = 0; x < 256; x++) {
      assertThat(read.nhwc()[x] & 0xff).isEqualTo(x);
    }
  }

  @Test
  void sixteenBitsAreKept() throws IOException {
    int[] samples = {0, 128, 129, 65535, 4711};
    var image = new BufferedImage(5, 1, BufferedImage.TYPE_USHORT_GRAY);
    image.getRaster().setSamples(0, 0, 5, 1, 0, samples);
    var read = Images.read(write(encode(image, "png")));
    assertThat(read.isDeep()).isTrue();
    var values = new float[5];
    read.samples().copy(0, values, 0, 5);
    for (int i = 0; i < 5; i++) {
      assertThat(read.samples().get(i)).isEqualTo(samples[i]);
      assertThat(values[i]).isEqualTo(samples[i] / 257f);
    }
  }

  @Test
  void transparentPixelsOfSixteenBitsLieOverWhite() throws IOException {
    var model =
        new ComponentColorModel(
            ColorSpace.getInstance(ColorSpace.CS_sRGB), true, false, Transparency.TRANSLUCENT, DataBuffer.TYPE_USHORT);
    var raster = model.createCompatibleWritableRaster(2, 1);
    raster.setPixel(0, 0, new int[] {1_000, 2_000, 65_535, 0x8000});
    raster.setPixel(1, 0, new int[] {1_000, 2_000, 65_534, 0xffff});
    var read = Images.read(write(encode(new BufferedImage(model, raster, false, null), "png")));
    assertThat(read.channels()).isEqualTo(3);
    int[] expected = {33_267, 33_767, 65_535, 1_000, 2_000, 65_534}; // (v * 32768 + 65535 * 32767) / 65535
    for (int i = 0; i < expected.length; i++) {
      assertThat(read.samples().get(i)).isEqualTo(expected[i]);
    }
  }

  @Test
  void sixteenBitPngIsScaledToEight() throws IOException {
    var image = new BufferedImage(4, 1, BufferedImage.TYPE_USHORT_GRAY);
    image.getRaster().setSamples(0, 0, 4, 1, 0, new int[] {0, 128, 129, 65535}); // one step is 257, half of it 128.5
    var read = Images.read(write(encode(image, "png")));
    assertThat(read.nhwc()).containsExactly(0, 0, 1, 0xff);
  }

  @Test
  void transparentPixelsLieOverWhite() throws IOException {
    var image = new BufferedImage(3, 1, BufferedImage.TYPE_INT_ARGB);
    image.setRGB(0, 0, 0x00ff0000);
    image.setRGB(1, 0, 0x80000000);
    image.setRGB(2, 0, 0xff102030);
    var read = Images.read(write(encode(image, "png")));
    assertThat(read.nhwc()).containsExactly(0xff, 0xff, 0xff, 127, 127, 127, 0x10, 0x20, 0x30);
  }

  @Test
  void paletteIsResolved() throws IOException {
    byte[] zeroFifty = {0, 50, 100};
    var colours = new IndexColorModel(2, 3, zeroFifty, new byte[] {1, 51, 101}, zeroFifty, new byte[] {-1, -1, 0});
    var image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_BINARY, colours);
    image.getRaster().setSamples(0, 0, 3, 1, 0, new int[] {1, 0, 2});
    var read = Images.read(write(encode(image, "png")));
    assertThat(read.nhwc()).containsExactly(50, 51, 50, 0, 1, 0, 0xff, 0xff, 0xff);
  }

  @Test
  void oneBitPngIsGrey() throws IOException {
    var image = new BufferedImage(3, 1, BufferedImage.TYPE_BYTE_BINARY);
    image.setRGB(1, 0, 0xffffff);
    var read = Images.read(write(encode(image, "png")));
    assertThat(read.channels()).isEqualTo(1);
    assertThat(read.nhwc()).containsExactly(0, 0xff, 0);
  }

  @ParameterizedTest
  @ValueSource(ints = {BufferedImage.TYPE_INT_RGB, BufferedImage.TYPE_BYTE_GRAY})
  void jpegOfOneColourIsRead(int type) throws IOException {
    var image = new BufferedImage(20, 12, type);
    int bands = image.getRaster().getNumBands();
    int[] colour = {200, 100, 50};
    for (int band = 0; band < bands; band++) {
      int[] samples = new int[20 * 12];
      Arrays.fill(samples, colour[band]);
      image.getRaster().setSamples(0, 0, 20, 12, band, samples);
    }
    var read = Images.read(write(encode(image, "jpeg")));
    assertThat(read.channels()).isEqualTo(bands);
    for (int i = 0; i < read.nhwc().length; i++) {
      // Quantisation of the constant term and the two colour conversions each round.
      assertThat(read.nhwc()[i] & 0xff).isCloseTo(colour[i % bands], within(4));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "not an image", "\u0089PNG but not quite", "GIF89a and then some bytes"})
  void otherFilesAreRefused(String text) throws IOException {
    Path file = Files.writeString(folder.resolve("photo.png"), text);
    assertThatThrownBy(() -> Images.read(file))
        .isInstanceOf(DataException.class)
        .hasMessage("%s is not a PNG or JPEG image", file);
  }

  @Test
  void missingFilesAndFoldersAreRefused() {
    Path missing = folder.resolve("photo.png");
    assertThatThrownBy(() -> Images.read(missing))
        .isInstanceOf(DataException.class)
        .hasMessage("cannot read the image %s: it does not exist", missing);
    assertThatThrownBy(() -> Images.read(folder))
        .isInstanceOf(DataException.class)
        .hasMessage("cannot read the image %s: it is not a file", folder);
  }

  @Test
  void hugePngIsRefusedByItsHeader() throws IOException {
    byte[] png = encode(new BufferedImage(1, 1, BufferedImage.TYPE_INT_RGB), "png");
    ByteBuffer.wrap(png).putInt(16, 20_000).putInt(20, 20_000);
    Path file = write(withHeaderChecksum(png));
    assertThatThrownBy(() -> Images.read(file))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "the image %s has 20000 x 20000 pixels, expected at most 100000000 in all, so scale it down first", file);
  }

  @Test
  void hugeJpegIsRefusedByItsHeader() throws IOException {
    byte[] jpeg = encode(new BufferedImage(8, 8, BufferedImage.TYPE_INT_RGB), "jpeg");
    for (int i = 2; i < jpeg.length - 9; i++) {
      if ((jpeg[i] & 0xff) == 0xff && (jpeg[i + 1] & 0xff) == 0xc0) { // start of frame: length, depth, height, width
        ByteBuffer.wrap(jpeg).putShort(i + 5, (short) 2).putShort(i + 7, (short) 40_000);
        break;
      }
    }
    Path file = write(jpeg);
    assertThatThrownBy(() -> Images.read(file))
        .isInstanceOf(DataException.class)
        .hasMessageContaining("has 40000 x 2 pixels, expected at most 30000 on a side");
  }

  /** Pillow's pixels: src/test/resources/pictures. */
  @ParameterizedTest
  @ValueSource(strings = {"cmyk", "ycck"})
  void fourInksBecomeRgb(String name) {
    var read = Images.read(PICTURES.resolve(name + ".jpg"));
    var expected = Images.read(PICTURES.resolve(name + ".png"));
    assertThat(read.channels()).isEqualTo(3);
    assertThat(read.width()).isEqualTo(expected.width());
    for (int i = 0; i < expected.nhwc().length; i++) {
      // Two inverse cosine transforms differ by 1, colours of which the half and twice are taken by 2.
      assertThat(read.nhwc()[i] & 0xff).isCloseTo(expected.nhwc()[i] & 0xff, within(3));
    }
  }

  /** Where nothing says that inks are inverted, 0 is none. */
  @Test
  void inksWithoutAdobesMarkerAreNotInverted() throws IOException {
    var raster = Raster.createInterleavedRaster(DataBuffer.TYPE_BYTE, 8, 8, 4, null);
    for (int x = 0; x < 8; x++) {
      for (int y = 0; y < 8; y++) {
        raster.setPixel(x, y, new int[] {0, 255, 255, 0});
      }
    }
    var bytes = new ByteArrayOutputStream();
    var writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (var out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.write(null, new IIOImage(raster, null, null), null);
    } finally {
      writer.dispose();
    }
    byte[] rgb = Images.decode(bytes.toByteArray()).nhwc();
    assertThat(Arrays.copyOf(rgb, 3)).containsExactly(255, 0, 0);
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpeg"})
  void everyTruncationIsRefused(String format) throws IOException {
    byte[] whole = encode(noise(40, 30), format);
    Path file = write(whole);
    assertThat(Images.read(file).width()).isEqualTo(40);
    for (int length = 0; length < whole.length; length += 1 + whole.length / 150) {
      Files.write(file, Arrays.copyOf(whole, length));
      assertThatThrownBy(() -> Images.read(file)).as("cut to %d bytes", length).isInstanceOf(DataException.class);
    }
    Files.write(file, Arrays.copyOf(whole, whole.length - 1));
    assertThatThrownBy(() -> Images.read(file))
        .isInstanceOf(DataException.class)
        .hasMessage("the image %s is damaged or truncated, expected a whole PNG or JPEG file", file);
  }

  @ParameterizedTest
  @ValueSource(strings = {"png", "jpeg"})
  void randomDamageNeverEndsInAnotherException(String format) throws IOException {
    byte[] whole = encode(noise(12, 9), format);
    Path file = folder.resolve("image");
    var random = new Random(7);
    int refused = 0;
    for (int i = 0; i < 500; i++) {
      byte[] damaged = whole.clone();
      damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
      Files.write(file, damaged);
      try {
        Images.read(file);
      } catch (DataException refusal) {
        assertThat(refusal.getMessage().lines()).hasSize(1);
        refused++;
      }
    }
    assertThat(refused).isBetween(10, 499);
  }

  /** What stands at a place of the upright image, by how EXIF words each value. */
  @ParameterizedTest
  @CsvSource({
    "1, abc/def", "2, cba/fed", "3, fed/cba", "4, def/abc", "5, ad/be/cf", "6, da/eb/fc", "7, fc/eb/da", "8, cf/be/ad",
    "0, abc/def", "9, abc/def"
  })
  void imagesAreTurnedAsExifSays(int tag, String expected) throws IOException {
    var image = new BufferedImage(3, 2, BufferedImage.TYPE_BYTE_GRAY);
    for (int i = 0; i < 6; i++) {
      image.getRaster().setSample(i % 3, i / 3, 0, 'a' + i);
    }
    for (var order : List.of(ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN)) {
      byte[] png = withChunk(encode(image, "png"), "eXIf", exif(tag, order));
      assertThat(rows(Images.decode(png))).isEqualTo(expected);
      assertThat(rows(Images.decode(png, false))).isEqualTo("abc/def");
      byte[] jpeg = encode(enlarged(image), "jpeg");
      byte[] app1 = TestFiles.concat("Exif\0\0".getBytes(StandardCharsets.US_ASCII), exif(tag, order));
      byte[] head = TestFiles.concat(new byte[] {-1, (byte) 0xd8, -1, (byte) 0xe1}, TestFiles.bytes(0, 2 + app1.length));
      byte[] turned = TestFiles.concat(head, app1, Arrays.copyOfRange(jpeg, 2, jpeg.length));
      assertThat(rows(reduced(Images.decode(turned)))).isEqualTo(expected);
      assertThat(rows(reduced(Images.read(write(turned), false)))).isEqualTo("abc/def");
    }
  }

  /** A TIFF structure with two entries, the second of which is the orientation. */
  private static byte[] exif(int tag, ByteOrder order) {
    var tiff = ByteBuffer.allocate(38).order(order);
    byte mark = (byte) (order == ByteOrder.BIG_ENDIAN ? 'M' : 'I');
    tiff.put(mark).put(mark);
    tiff.putShort((short) 42).putInt(8).putShort((short) 2);
    tiff.putShort((short) 0x0100).putShort((short) 4).putInt(1).putInt(3);
    tiff.putShort((short) 0x0112).putShort((short) 3).putInt(1).putShort((short) tag).putShort((short) 0);
    return tiff.array();
  }

  private static byte[] withChunk(byte[] png, String type, byte[] body) {
    byte[] named = TestFiles.concat(type.getBytes(StandardCharsets.US_ASCII), body);
    var checksum = new CRC32();
    checksum.update(named);
    byte[] length = ByteBuffer.allocate(4).putInt(body.length).array();
    byte[] sum = ByteBuffer.allocate(4).putInt((int) checksum.getValue()).array();
    int header = 33; // the signature and IHDR
    return TestFiles.concat(
        Arrays.copyOf(png, header), length, named, sum, Arrays.copyOfRange(png, header, png.length));
  }

  private static String rows(DecodedImage image) {
    var text = new StringBuilder();
    for (int i = 0; i < image.samples().count(); i++) {
      text.append(i > 0 && i % image.width() == 0 ? "/" : "").append((char) image.samples().get(i));
    }
    return text.toString();
  }

  /** Each pixel as a square of 16, in steps of 20 levels, which JPEG keeps apart. */
  private static BufferedImage enlarged(BufferedImage image) {
    var large = new BufferedImage(16 * image.getWidth(), 16 * image.getHeight(), BufferedImage.TYPE_BYTE_GRAY);
    for (int y = 0; y < large.getHeight(); y++) {
      for (int x = 0; x < large.getWidth(); x++) {
        large.getRaster().setSample(x, y, 0, 20 * (image.getRaster().getSample(x / 16, y / 16, 0) - 'a' + 1));
      }
    }
    return large;
  }

  private static DecodedImage reduced(DecodedImage large) {
    int height = large.height() / 16;
    int width = large.width() / 16;
    var bytes = new byte[height * width];
    for (int i = 0; i < bytes.length; i++) {
      int sample = large.samples().get((i / width * 16 + 8) * large.width() + i % width * 16 + 8);
      bytes[i] = (byte) ('a' + Math.round(sample / 20.0) - 1);
    }
    return new DecodedImage(height, width, 1, bytes);
  }

  @Test
  void aHeapThatIsTooSmallIsNotTheFilesFault() {
    var heap = new OutOfMemoryError("Java heap space");
    assertThatThrownBy(() -> Images.damaged("photo.png", new IIOException("Caught exception during read", heap)))
        .isSameAs(heap);
    var damage = new IIOException("Error reading PNG image data", new IOException("no such filter"));
    assertThat(Images.damaged("photo.png", damage)).hasMessageContaining("photo.png is damaged").hasCause(damage);
  }

  private static BufferedImage noise(int width, int height) {
    var image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
    var random = new Random(3);
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++) {
        image.setRGB(x, y, random.nextInt(1 << 24));
      }
    }
    return image;
  }

  private static byte[] encode(BufferedImage image, String format) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var out = new MemoryCacheImageOutputStream(bytes)) {
      assertThat(ImageIO.write(image, format, out)).isTrue();
    }
    return bytes.toByteArray();
  }

  /** Repairs the checksum of a PNG's first chunk, which covers its type and its 13 bytes. */
  private static byte[] withHeaderChecksum(byte[] png) {
    var checksum = new CRC32();
    checksum.update(png, 12, 17);
    ByteBuffer.wrap(png).putInt(29, (int) checksum.getValue());
    return png;
  }

  private Path write(byte[] bytes) throws IOException {
    return Files.write(folder.resolve("image"), bytes);
  }
}
