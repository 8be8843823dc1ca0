package io.github.densenet4j.internal.tensor;

/**
 * A place in a buffer; an operation knows from its sizes how far it reads.
 *
 * @param buffer null for {@link #NONE}, the argument that is not given
 * @param offset bytes from the start of the buffer
 */
public record BufferView(Buffer buffer, long offset) {
  /** Stands for an optional argument that is left out; a null pointer for native code. */
  public static final BufferView NONE = new BufferView(null, 0);

  public BufferView {
    if (buffer != null && (offset < 0 || offset >= buffer.bytes())) {
      throw new IllegalArgumentException("offset " + offset + " lies outside buffer " + buffer);
    }
  }

  /** @throws IllegalArgumentException if the buffer has fewer than {@code bytes} bytes from here on */
  public void requireRoom(long bytes) {
    if (bytes > buffer.bytes() - offset) {
      throw new IllegalArgumentException(bytes + " bytes at " + offset + " do not fit in " + buffer);
    }
  }

  /** The place {@code count} float32 values further on. */
  public BufferView plusFloats(long count) {
    return plusBytes(count * Float.BYTES);
  }

  /** The place {@code count} bytes further on. */
  public BufferView plusBytes(long count) {
    return this == NONE ? this : new BufferView(buffer, offset + count);
  }
}
