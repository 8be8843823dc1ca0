package io.github.densenet4j.internal.weights;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;

/** The bytes of a file one after the other, in parts of bounded size, and where the next one is. */
final class FileInput extends InputStream {
  private final FileChannel channel;
  private final ByteBuffer buffer = ByteBuffer.allocate(1 << 16).limit(0);
  private long read;
  private long limit;

  /** Starts at the file's beginning, with a part that is empty. */
  FileInput(FileChannel channel) {
    this.channel = channel;
  }

  /** Begins a part here that ends after {@code most} bytes, or with the file. */
  FileInput part(long most) throws IOException {
    limit = Math.min(channel.size(), position() + most);
    return this;
  }

  /** Bytes of the file before the next one. */
  long position() {
    return read - buffer.remaining();
  }

  @Override
  public int read() throws IOException {
    return fill() > 0 ? buffer.get() & 0xff : -1;
  }

  @Override
  public int read(byte[] into, int offset, int length) throws IOException {
    int count = Math.min(length, fill());
    buffer.get(into, offset, count);
    return count == 0 && length > 0 ? -1 : count;
  }

  /** Returns how many bytes of the part are in the buffer; 0 if it is at its end. */
  private int fill() throws IOException {
    if (!buffer.hasRemaining() && position() < limit) {
      buffer.clear();
      read += Math.max(0, channel.read(buffer, read));
      buffer.flip();
    }
    return Math.min(buffer.remaining(), available());
  }

  @Override
  public int available() {
    return (int) Math.min(limit - position(), Integer.MAX_VALUE);
  }
}
