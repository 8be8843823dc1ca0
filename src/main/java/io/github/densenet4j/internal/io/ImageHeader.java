package io.github.densenet4j.internal.io;

import io.github.densenet4j.error.DataException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * What the first bytes of an image file say.
 *
 * @param isDeep whether samples have more than 8 bits
 */
public record ImageHeader(boolean isDeep) {
  private static final int BYTES = 26; // of a PNG file, up to the width, the height and the bits of a sample
  private static final int WIDTH_AT = 16;
  private static final int HEIGHT_AT = 20;
  private static final int BITS_AT = 24;

  /**
   * Looks at a file, no further than is needed to tell whether it is an image of a size that is read. The size of a JPEG
   * file stands deeper in it and is left to the decoder.
   *
   * @throws DataException if the file cannot be read, is neither PNG nor JPEG, or states too large a size
   */
  public static ImageHeader read(Path file) {
    Images.requireFile(file);
    var bytes = ByteBuffer.allocate(BYTES);
    try (var in = Files.newInputStream(file)) {
      bytes.limit(in.readNBytes(bytes.array(), 0, BYTES));
    } catch (IOException e) {
      throw new DataException("cannot read the image %s: %s".formatted(file, e.getMessage()), e);
    }
    boolean png = Images.isPng(bytes.limit() < Long.BYTES ? 0 : bytes.getLong(0), file);
    if (!png || bytes.limit() < BYTES) {
      return new ImageHeader(false);
    }
    Images.requirePixels(
        Integer.toUnsignedLong(bytes.getInt(HEIGHT_AT)), Integer.toUnsignedLong(bytes.getInt(WIDTH_AT)), file);
    return new ImageHeader(bytes.get(BITS_AT) > Byte.SIZE);
  }
}
