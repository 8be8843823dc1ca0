package io.github.densenet4j.internal.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.github.densenet4j.data.TestFiles;
import io.github.densenet4j.error.DataException;
import java.awt.color.ColorSpace;
import java.awt.color.ICC_Profile;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import java.util.zip.DeflaterOutputStream;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriteParam;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The samples of an image are what its file stores, whatever is said about their colours beside them. */
@Tag("fast")
class StoredSamplesTest {
  private static final Path IMAGES = Path.of("src/test/resources/images");
  private static final int APP1 = 0xe1;
  private static final int APP2 = 0xe2;
  private static final int APP14 = 0xee;

  @ParameterizedTest
  @ValueSource(strings = {"flat-widegamut-icc.jpg", "flat-empty-icc.jpg", "flat-duplicate-icc.jpg"})
  void colourProfilesOfJpegFiles(String name) {
    assertThat(Images.read(IMAGES.resolve(name)).nhwc()).isEqualTo(Images.read(IMAGES.resolve("flat.jpg")).nhwc());
  }

  @Test
  void theColourProfileOfAPngFile() {
    var image = Images.read(IMAGES.resolve("flat-widegamut-icc.png"));
    assertThat(Arrays.copyOf(image.nhwc(), 3)).isEqualTo(TestFiles.bytes(200, 60, 60));
  }

  @Test
  void profilesThatAreDamagedOrOfOtherColours() throws IOException {
    byte[] jpeg = jpeg(noise(), false);
    byte[] stored = Images.decode(jpeg).nhwc();
    byte[] grey = ICC_Profile.getInstance(ColorSpace.CS_GRAY).getData();
    for (byte[] profile : new byte[][] {new byte[0], TestFiles.randomBytes(300, 1), grey}) {
      byte[] segment = TestFiles.concat(ascii("ICC_PROFILE\0"), new byte[] {1, 1}, profile);
      byte[] once = insert(jpeg, APP2, segment);
      assertThat(Images.decode(once).nhwc()).isEqualTo(stored);
      assertThat(Images.decode(insert(once, APP2, segment)).nhwc()).isEqualTo(stored);
    }
    byte[] exif = insert(jpeg, APP1, ascii("Exif\0\0nothing that makes sense"));
    assertThat(Images.decode(exif).nhwc()).isEqualTo(stored);

    byte[] png = png(noise());
    byte[] pixels = Images.decode(png).nhwc();
    for (byte[] profile : new byte[][] {new byte[0], TestFiles.randomBytes(300, 1), deflated(grey)}) {
      byte[] body = TestFiles.concat(ascii("p\0\0"), profile);
      assertThat(Images.decode(insertChunk(png, "iCCP", body)).nhwc()).isEqualTo(pixels);
    }
    assertThat(Images.decode(insertChunk(png, "gAMA", new byte[] {0, 0, 1, 1})).nhwc()).isEqualTo(pixels);
  }

  /** Adobe's marker says how samples are stored only where JFIF's does not. */
  @Test
  void adobesMarkerSaysWhatLibjpegTakesItFor() throws IOException {
    byte[] jpeg = jpeg(noise(), false);
    byte[] stored = Images.decode(jpeg).nhwc();
    for (int transform = 0; transform < 3; transform++) {
      assertThat(Images.decode(insert(jpeg, APP14, adobe(transform))).nhwc()).isEqualTo(stored);
    }
    byte[] bare = withoutSegment(jpeg, 0xe0);
    assertThat(Images.decode(bare).nhwc()).isEqualTo(stored);
    assertThat(Images.decode(insert(bare, APP14, adobe(1))).nhwc()).isEqualTo(stored);
    assertThat(Images.decode(insert(bare, APP14, adobe(2))).nhwc()).isEqualTo(stored);
    assertThat(Images.decode(insert(bare, APP14, adobe(0))).nhwc()).as("RGB").isNotEqualTo(stored);
  }

  private static byte[] adobe(int transform) {
    return TestFiles.concat(ascii("Adobe"), TestFiles.bytes(0, 100, 0, 0, 0, 0, transform));
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  @Test
  void progressiveFilesAreReadAndThoseOfManyScansAreNot() throws IOException {
    byte[] progressive = jpeg(noise(), true);
    assertThat(Images.decode(progressive).width()).isEqualTo(24);
    int frame = find(progressive, 0xc2);
    ByteBuffer.wrap(progressive).putShort(frame + 5, (short) 3_200).putShort(frame + 7, (short) 30_000);
    int scan = find(progressive, 0xda);
    int end = scan + 2;
    while (progressive[end] != (byte) 0xff || progressive[end + 1] == 0) {
      end++;
    }
    byte[] oneScan = Arrays.copyOfRange(progressive, scan, end);
    var many = new ByteArrayOutputStream();
    many.write(progressive, 0, scan);
    for (int i = 0; i < 30; i++) {
      many.writeBytes(oneScan);
    }
    many.write(progressive, scan, progressive.length - scan);
    assertThatThrownBy(() -> Images.decode(many.toByteArray()))
        .isInstanceOf(DataException.class)
        .hasMessageMatching(
            "the image that was given goes \\d\\d times over its 30000 x 3200 pixels, so save it as a plain JPEG file"
                + " first");
  }

  @Test
  void imagesOfVeryManyRowsAreNot() throws IOException {
    byte[] png = png(noise());
    ByteBuffer.wrap(png).putInt(16, 1).putInt(20, 100_000_000);
    var checksum = new CRC32();
    checksum.update(png, 12, 17);
    ByteBuffer.wrap(png).putInt(29, (int) checksum.getValue());
    assertThatThrownBy(() -> Images.decode(png))
        .isInstanceOf(DataException.class)
        .hasMessage(
            "the image that was given has 1 x 100000000 pixels, expected at most 30000 on a side, so cut it or scale it"
                + " down first");
  }

  private static BufferedImage noise() {
    var image = new BufferedImage(24, 16, BufferedImage.TYPE_INT_RGB);
    var random = new Random(5);
    for (int i = 0; i < 24 * 16; i++) {
      image.setRGB(i % 24, i / 24, random.nextInt(1 << 24));
    }
    return image;
  }

  private static byte[] jpeg(BufferedImage image, boolean progressive) throws IOException {
    var bytes = new ByteArrayOutputStream();
    var writer = ImageIO.getImageWritersByFormatName("jpeg").next();
    try (var out = new MemoryCacheImageOutputStream(bytes)) {
      var parameters = writer.getDefaultWriteParam();
      parameters.setProgressiveMode(
          progressive ? ImageWriteParam.MODE_DEFAULT : ImageWriteParam.MODE_DISABLED);
      writer.setOutput(out);
      writer.write(null, new IIOImage(image, null, null), parameters);
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private static byte[] png(BufferedImage image) throws IOException {
    var bytes = new ByteArrayOutputStream();
    ImageIO.write(image, "png", bytes);
    return bytes.toByteArray();
  }

  /** The file with one more segment right behind its first one. */
  private static byte[] insert(byte[] jpeg, int marker, byte[] body) {
    int at = (jpeg[3] & 0xff) == 0xe0 ? 4 + ByteBuffer.wrap(jpeg).getShort(4) : 2;
    byte[] head = ByteBuffer.allocate(4).putShort((short) (0xff00 | marker)).putShort((short) (body.length + 2)).array();
    return TestFiles.concat(Arrays.copyOf(jpeg, at), head, body, Arrays.copyOfRange(jpeg, at, jpeg.length));
  }

  private static byte[] withoutSegment(byte[] jpeg, int marker) {
    int at = find(jpeg, marker);
    int end = at + 2 + ByteBuffer.wrap(jpeg).getShort(at + 2);
    return TestFiles.concat(Arrays.copyOf(jpeg, at), Arrays.copyOfRange(jpeg, end, jpeg.length));
  }

  private static int find(byte[] jpeg, int marker) {
    for (int i = 2; ; i++) {
      if (jpeg[i] == (byte) 0xff && jpeg[i + 1] == (byte) marker) {
        return i;
      }
    }
  }

  /** The file with one more chunk behind its header. */
  private static byte[] insertChunk(byte[] png, String type, byte[] body) {
    byte[] named = TestFiles.concat(type.getBytes(StandardCharsets.US_ASCII), body);
    var checksum = new CRC32();
    checksum.update(named);
    byte[] chunk =
        ByteBuffer.allocate(body.length + 12).putInt(body.length).put(named).putInt((int) checksum.getValue()).array();
    return TestFiles.concat(Arrays.copyOf(png, 33), chunk, Arrays.copyOfRange(png, 33, png.length));
  }

  private static byte[] deflated(byte[] bytes) throws IOException {
    var packed = new ByteArrayOutputStream();
    try (var out = new DeflaterOutputStream(packed)) {
      out.write(bytes);
    }
    return packed.toByteArray();
  }
}
