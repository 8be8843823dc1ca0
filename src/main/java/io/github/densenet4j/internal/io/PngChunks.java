package io.github.densenet4j.internal.io;

import java.io.EOFException;
import java.io.IOException;
import javax.imageio.stream.ImageInputStream;

/** The frame of a PNG file: a signature, then chunks of length, type, data and checksum, the last one IEND. */
final class PngChunks {
  private static final int SIGNATURE_BYTES = 8;
  private static final int CHECKSUM_BYTES = 4;
  private static final int IEND = 0x49454E44;
  private static final int EXIF = 0x65584966; // eXIf

  /** As much as a JPEG file can hold. */
  private static final int MOST_EXIF_BYTES = 1 << 16;

  private PngChunks() {}

  /**
   * Walks through the whole file.
   *
   * @return the orientation that its chunk eXIf states, if it has one
   * @throws EOFException if the file ends before its IEND chunk does
   */
  static Orientation requireComplete(ImageInputStream in) throws IOException {
    var orientation = Orientation.UPRIGHT;
    long position = SIGNATURE_BYTES;
    int type = 0;
    while (type != IEND) {
      in.seek(position);
      long length = in.readUnsignedInt();
      type = in.readInt();
      position = in.getStreamPosition() + length + CHECKSUM_BYTES;
      if (position > in.length()) {
        throw new EOFException("a chunk reaches beyond the end of the file");
      }
      if (type == EXIF && length <= MOST_EXIF_BYTES) {
        var exif = new byte[(int) length];
        in.readFully(exif);
        orientation = Orientation.of(exif, 0, exif.length);
      }
    }
    return orientation;
  }
}
