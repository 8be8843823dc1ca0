package io.github.densenet4j.internal.io;

import java.io.EOFException;
import java.io.IOException;
import javax.imageio.stream.ImageInputStream;

/** The frame of a PNG file: a signature, then chunks of length, type, data and checksum, the last one IEND. */
final class PngChunks {
  private static final int SIGNATURE_BYTES = 8;
  private static final int CHECKSUM_BYTES = 4;
  private static final int IEND = 0x49454E44;

  private PngChunks() {}

  /** Throws {@link EOFException} if the file ends before its IEND chunk does. */
  static void requireComplete(ImageInputStream in) throws IOException {
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
    }
  }
}
