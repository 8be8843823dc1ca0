package io.github.densenet4j.internal.memory;

/**
 * A buffer's place.
 *
 * @param offset bytes from the start of the arena
 */
public record Placement(Lifetime lifetime, long offset) {
  /** The first byte after it. */
  public long end() {
    return offset + lifetime.bytes();
  }
}
