package io.github.densenet4j.internal.io;

import javax.imageio.stream.ImageInputStreamImpl;

/** An image file in memory, of known length; ImageIO's own streams do not know it, or keep a copy on the disk. */
final class EncodedBytes extends ImageInputStreamImpl {
  private final byte[] bytes;

  /** @param bytes not copied */
  EncodedBytes(byte[] bytes) {
    this.bytes = bytes;
  }

  @Override
  public int read() {
    bitOffset = 0;
    return streamPos < bytes.length ? bytes[(int) streamPos++] & 0xff : -1;
  }

  @Override
  public int read(byte[] target, int offset, int length) {
    bitOffset = 0;
    int count = (int) Math.min(length, bytes.length - streamPos);
    if (count <= 0) {
      return length == 0 ? 0 : -1;
    }
    System.arraycopy(bytes, (int) streamPos, target, offset, count);
    streamPos += count;
    return count;
  }

  @Override
  public long length() {
    return bytes.length;
  }
}
