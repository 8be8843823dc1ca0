package io.github.densenet4j.internal.tensor;

/**
 * A logical buffer of a program. Two buffers are the same only if they are the same object.
 *
 * <p>A lasting buffer keeps its contents between the phases of a program; any other is free before the first operation
 * that touches it and after the last.
 */
public final class Buffer {
  private final String name;
  private final String stage;
  private final Category category;
  private final long bytes;
  private final boolean lasting;

  /**
   * @param name for tables and errors
   * @param stage the part of the network that it belongs to, such as {@code block 1}; empty if it is no part's own
   * @param bytes size, positive
   */
  public Buffer(String name, String stage, Category category, long bytes, boolean lasting) {
    if (bytes <= 0) {
      throw new IllegalArgumentException("buffer " + name + " has " + bytes + " bytes");
    }
    this.name = name;
    this.stage = stage;
    this.category = category;
    this.bytes = bytes;
    this.lasting = lasting;
  }

  public String name() {
    return name;
  }

  /** The part of the network that it belongs to; may be empty. */
  public String stage() {
    return stage;
  }

  public Category category() {
    return category;
  }

  public long bytes() {
    return bytes;
  }

  public boolean lasting() {
    return lasting;
  }

  /** The whole buffer. */
  public BufferView view() {
    return new BufferView(this, 0);
  }

  @Override
  public String toString() {
    return name + " (" + bytes + " bytes)";
  }
}
