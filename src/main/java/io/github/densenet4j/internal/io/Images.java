package io.github.densenet4j.internal.io;

import io.github.densenet4j.error.DataException;
import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.io.EOFException;
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
 * Reads PNG and JPEG files. Samples of less than 8 bits are scaled to 8, palettes are resolved, transparent pixels are
 * laid over white, CMYK becomes RGB, images are turned as EXIF says. Colour profiles are not applied, as in the readers
 * that training sets are made with.
 */
public final class Images {
  /** The largest image that is decoded, in pixels. */
  public static final long MOST_PIXELS = 100_000_000;

  /** The longest side of one. PNG rows cost time however short they are. */
  public static final int LONGEST_SIDE = 30_000;

  /** Pixels that the scans of a JPEG file may go over: a few seconds. Progressive files have ten scans or so. */
  private static final long MOST_SCANNED = 20 * MOST_PIXELS;

  private static final int MOST_BYTES = 1 << 30;

  private static final long PNG = 0x89504E470D0A1A0AL;
  private static final int JPEG = 0xFFD8FF; // the first three bytes

  /** What stands for the name of an image without one. */
  private static final String GIVEN = "that was given";

  private Images() {}

  /**
   * What decodes, as far as its results may differ from those of others: JPEG is defined up to rounding only.
   *
   * @return name and version
   */
  public static String decoder() {
    return JpegDecoder.chosen().name();
  }

  /**
   * Decodes one image; its size is read from the header and checked first.
   *
   * @return the image, with 1 channel if the file holds grey values and 3 otherwise
   * @throws DataException if the file cannot be read, is neither PNG nor JPEG, is damaged or truncated, has more than
   *     {@link #MOST_PIXELS} pixels, a side above {@link #LONGEST_SIDE}, or a colour space other than grey, RGB and CMYK
   */
  public static DecodedImage read(Path file) {
    return read(file, true);
  }

  /**
   * Decodes one image; otherwise as {@link #read(Path)}.
   *
   * @param upright whether to turn it as EXIF says
   * @throws DataException as {@link #read(Path)}
   */
  public static DecodedImage read(Path file, boolean upright) {
    requireFile(file);
    // Opened as a file, because ImageIO's other streams keep a copy on the disk.
    try (var in = new FileImageInputStream(file.toFile())) {
      return decode(in, file, upright);
    } catch (FileNotFoundException failure) { // it does exist, so it may not be opened
      throw new DataException("cannot read the image %s: permission denied".formatted(file), failure);
    } catch (IOException | IllegalArgumentException | IndexOutOfBoundsException failure) {
      // The decoders of the JDK meet some damaged files with unchecked exceptions.
      throw damaged(file, failure);
    }
  }

  static void requireFile(Path file) {
    if (!Files.isRegularFile(file)) {
      String state =
          Files.exists(file) ? "it is not a file" : Files.notExists(file) ? "it does not exist" : "permission denied";
      throw new DataException("cannot read the image %s: %s".formatted(file, state));
    }
  }

  /**
   * Decodes the bytes of a file; otherwise as {@link #read(Path)}.
   *
   * @throws DataException as {@link #read(Path)}
   */
  public static DecodedImage decode(byte[] encoded) {
    return decode(encoded, true);
  }

  /**
   * Decodes the bytes of a file; otherwise as {@link #read(Path, boolean)}.
   *
   * @throws DataException as {@link #read(Path)}
   */
  public static DecodedImage decode(byte[] encoded, boolean upright) {
    try (var in = new EncodedBytes(encoded)) {
      return decode(in, GIVEN, upright);
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

  private static DecodedImage decode(ImageInputStream in, Object file, boolean upright) throws IOException {
    String format = format(in, file);
    in.seek(0);
    if (format.equals("jpeg")) {
      var jpeg = plainJpeg(in, file);
      var image = decodeJpeg(jpeg, file, JpegDecoder.chosen());
      return upright ? jpeg.orientation().upright(image) : image;
    }
    var orientation = PngChunks.requireComplete(in);
    in.seek(0);
    var image = decode(in, format, file);
    return upright ? orientation.upright(image) : image;
  }

  /** Refuses what would be too much to decode. */
  private static PlainJpeg plainJpeg(ImageInputStream in, Object file) throws IOException {
    if (in.length() > MOST_BYTES) {
      throw new DataException(
          "the image %s has %d bytes, expected at most %d".formatted(file, in.length(), MOST_BYTES));
    }
    var encoded = new byte[(int) in.length()];
    in.readFully(encoded);
    var jpeg = PlainJpeg.of(encoded);
    requirePixels(jpeg.height(), jpeg.width(), file);
    if (jpeg.components() != 1 && jpeg.components() != 3 && jpeg.components() != InkReader.INKS) {
      throw otherColours(file);
    }
    if ((long) jpeg.scans() * jpeg.width() * jpeg.height() > MOST_SCANNED) {
      throw new DataException(
          "the image %s goes %d times over its %d x %d pixels, so save it as a plain JPEG file first"
              .formatted(file, jpeg.scans(), jpeg.width(), jpeg.height()));
    }
    return jpeg;
  }

  /** The samples as the file has them, not turned. */
  static DecodedImage decodeJpeg(PlainJpeg jpeg, Object file, JpegDecoder decoder) throws IOException {
    if (decoder.turbo().isPresent() && jpeg.components() != InkReader.INKS) {
      if (!jpeg.complete()) {
        throw new EOFException("the data ends early");
      }
      byte[] samples = decoder.turbo().get().decode(jpeg);
      return new DecodedImage(jpeg.height(), jpeg.width(), jpeg.components(), samples);
    }
    try (var plain = new EncodedBytes(jpeg.bytes())) {
      return jpeg.components() == InkReader.INKS
          ? InkReader.read(decoded(plain, "jpeg", file, reader -> reader.readRaster(0, null)), jpeg.adobe())
          : decode(plain, "jpeg", file);
    }
  }

  private static DecodedImage decode(ImageInputStream in, String format, Object file) throws IOException {
    return PixelReader.read(
        decoded(
            in,
            format,
            file,
            reader -> {
              var types = reader.getImageTypes(0);
              requireColours(types.hasNext() ? types.next().getColorModel() : null, file);
              return reader.read(0);
            }));
  }

  /** What is taken out of a file by one of the JDK's decoders. */
  private interface Decoding<T> {
    T of(ImageReader reader) throws IOException;
  }

  private static <T> T decoded(ImageInputStream in, String format, Object file, Decoding<T> decoding)
      throws IOException {
    ImageReader reader = ImageIO.getImageReadersByFormatName(format).next();
    try {
      reader.setInput(in, true, true);
      requirePixels(reader.getHeight(0), reader.getWidth(0), file);
      var truncated = new AtomicBoolean();
      reader.addIIOReadWarningListener(noticeTruncation(truncated));
      T found = decoding.of(reader);
      if (truncated.get()) {
        throw new IOException("the data ends early");
      }
      return found;
    } finally {
      reader.dispose();
    }
  }

  private static String format(ImageInputStream in, Object file) throws IOException {
    return isPng(in.length() < Long.BYTES ? 0 : in.readLong(), file) ? "png" : "jpeg";
  }

  /**
   * Whether a file is PNG; otherwise it is JPEG.
   *
   * @param start its first eight bytes; 0 if it has fewer
   */
  static boolean isPng(long start, Object file) {
    if (start != PNG && start >>> 40 != JPEG) {
      throw new DataException("%s is not a PNG or JPEG image".formatted(file == GIVEN ? "the image " + file : file));
    }
    return start == PNG;
  }

  static void requirePixels(long height, long width, Object file) {
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
        "the image %s is neither grey nor RGB nor CMYK, so convert it to RGB first".formatted(file));
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
