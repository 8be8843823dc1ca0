package io.github.densenet4j.internal.io;

import io.github.densenet4j.error.DataException;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.event.IIOReadWarningListener;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;

/**
 * Reads PNG and JPEG files. Samples of any depth are scaled to 8 bits, palettes are resolved, transparent pixels are
 * laid over white. Colour profiles and the EXIF orientation are not applied, as in the readers that training sets are
 * made with.
 */
public final class Images {
  /** The largest image that is decoded, in pixels. */
  public static final long MOST_PIXELS = 100_000_000;

  /** The longest side of one: what a JPEG file can state. PNG rows cost time however short they are. */
  private static final int LONGEST_SIDE = 65_535;

  /** Pixels that the scans of a JPEG file may go over: a few seconds. Progressive files have ten scans or so. */
  private static final long MOST_SCANNED = 20 * MOST_PIXELS;

  private static final int MOST_BYTES = 1 << 30;

  private static final long PNG = 0x89504E470D0A1A0AL;
  private static final int JPEG = 0xFFD8FF; // the first three bytes

  /** What stands for the name of an image without one. */
  private static final String GIVEN = "that was given";

  private Images() {}

  /**
   * Decodes one image; its size is read from the header and checked first.
   *
   * @return the image, with 1 channel if the file holds grey values and 3 otherwise
   * @throws DataException if the file cannot be read, is neither PNG nor JPEG, is damaged or truncated, has more than
   *     {@link #MOST_PIXELS} pixels or a colour space other than grey and RGB
   */
  public static DecodedImage read(Path file) {
    if (!Files.isRegularFile(file)) {
      String state =
          Files.exists(file) ? "it is not a file" : Files.notExists(file) ? "it does not exist" : "permission denied";
      throw new DataException("cannot read the image %s: %s".formatted(file, state));
    }
    // Opened as a file, because ImageIO's other streams keep a copy on the disk.
    try (var in = new FileImageInputStream(file.toFile())) {
      return decode(in, file);
    } catch (FileNotFoundException failure) { // it does exist, so it may not be opened
      throw new DataException("cannot read the image %s: permission denied".formatted(file), failure);
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException failure) {
      // The decoders of the JDK meet some damaged files with unchecked exceptions.
      throw damaged(file, failure);
    }
  }

  /**
   * Decodes the bytes of a file; otherwise as {@link #read}.
   *
   * @throws DataException as {@link #read}
   */
  public static DecodedImage decode(byte[] encoded) {
    try (var in = new EncodedBytes(encoded)) {
      return decode(in, GIVEN);
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException failure) {
      throw damaged(GIVEN, failure);
    }
  }

  /**
   * Takes the pixels out of an image.
   *
   * @throws DataException if it has more than {@link #MOST_PIXELS} pixels, a colour space other than grey and RGB, or
   *     samples of more than 16 bits
   */
  public static DecodedImage of(BufferedImage image) {
    requirePixels(image.getHeight(), image.getWidth(), GIVEN);
    requireColours(image.getColorModel(), GIVEN);
    if (Arrays.stream(image.getSampleModel().getSampleSize()).anyMatch(bits -> bits > Short.SIZE)) {
      throw new DataException("the image %s has samples of more than 16 bits, so convert it first".formatted(GIVEN));
    }
    return PixelReader.read(image.isAlphaPremultiplied() ? plain(image) : image);
  }

  private static BufferedImage plain(BufferedImage premultiplied) {
    var copy = new BufferedImage(premultiplied.getWidth(), premultiplied.getHeight(), BufferedImage.TYPE_INT_ARGB);
    var graphics = copy.createGraphics();
    graphics.drawImage(premultiplied, 0, 0, null);
    graphics.dispose();
    return copy;
  }

  /** The JDK's decoders also wrap what a heap too small for the image throws, which says nothing about the file. */
  static DataException damaged(Object name, Exception cause) {
    for (Throwable under = cause.getCause(); under != null; under = under.getCause()) {
      if (under instanceof OutOfMemoryError heap) {
        throw heap;
      }
    }
    return new DataException(
        "the image %s is damaged or truncated, expected a whole PNG or JPEG file".formatted(name), cause);
  }

  private static DecodedImage decode(ImageInputStream in, Object file) throws IOException {
    String format = format(in, file);
    in.seek(0);
    if (format.equals("jpeg")) {
      return decodeJpeg(in, file);
    }
    PngChunks.requireComplete(in);
    in.seek(0);
    return decode(in, format, file);
  }

  private static DecodedImage decodeJpeg(ImageInputStream in, Object file) throws IOException {
    if (in.length() > MOST_BYTES) {
      throw new DataException(
          "the image %s has %d bytes, expected at most %d".formatted(file, in.length(), MOST_BYTES));
    }
    var encoded = new byte[(int) in.length()];
    in.readFully(encoded);
    var jpeg = PlainJpeg.of(encoded);
    requirePixels(jpeg.height(), jpeg.width(), file);
    if (jpeg.components() != 1 && jpeg.components() != 3) {
      throw otherColours(file);
    }
    if ((long) jpeg.scans() * jpeg.width() * jpeg.height() > MOST_SCANNED) {
      throw new DataException(
          "the image %s goes %d times over its %d x %d pixels, so save it as a plain JPEG file first"
              .formatted(file, jpeg.scans(), jpeg.width(), jpeg.height()));
    }
    try (var plain = new EncodedBytes(jpeg.bytes())) {
      return decode(plain, "jpeg", file);
    }
  }

  private static DecodedImage decode(ImageInputStream in, String format, Object file) throws IOException {
    ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
    try {
      reader.setInput(in, true, true);
      requireDecodable(reader, file);
      var truncated = new AtomicBoolean();
      reader.addIIOReadWarningListener(noticeTruncation(truncated));
      BufferedImage image = reader.read(0);
      if (truncated.get()) {
        throw new IOException("the data ends early");
      }
      return PixelReader.read(image);
    } finally {
      reader.dispose();
    }
  }

  private static String format(ImageInputStream in, Object file) throws IOException {
    if (in.length() >= Long.BYTES) {
      long start = in.readLong();
      if (start == PNG) {
        return "png";
      }
      if (start >>> 40 == JPEG) {
        return "jpeg";
      }
    }
    throw new DataException("%s is not a PNG or JPEG image".formatted(file == GIVEN ? "the image " + file : file));
  }

  private static void requireDecodable(ImageReader reader, Object file) throws IOException {
    requirePixels(reader.getHeight(0), reader.getWidth(0), file);
    var types = reader.getImageTypes(0);
    requireColours(types.hasNext() ? types.next().getColorModel() : null, file);
  }

  private static void requirePixels(long height, long width, Object file) {
    if (height > LONGEST_SIDE || width > LONGEST_SIDE) {
      throw new DataException(
          "the image %s has %d x %d pixels, expected at most %d on a side, so cut it or scale it down first"
              .formatted(file, width, height, LONGEST_SIDE));
    }
    if (height * width > MOST_PIXELS) {
      throw new DataException(
          "the image %s has %d x %d pixels, expected at most %d in all, so scale it down first"
              .formatted(file, width, height, MOST_PIXELS));
    }
  }

  private static void requireColours(ColorModel model, Object file) {
    int space = model == null ? -1 : model.getColorSpace().getType();
    if (space != ColorSpace.TYPE_RGB && space != ColorSpace.TYPE_GRAY) {
      throw otherColours(file);
    }
  }

  private static DataException otherColours(Object file) {
    return new DataException(
        "the image %s is neither grey nor RGB (perhaps CMYK), so convert it to RGB first".formatted(file));
  }

  /** The JPEG decoder fills what is missing with grey and merely warns. */
  private static IIOReadWarningListener noticeTruncation(AtomicBoolean truncated) {
    return (_, warning) -> {
      if (warning.contains("Truncated") || warning.contains("Premature end")) {
        truncated.set(true);
      }
    };
  }
}
