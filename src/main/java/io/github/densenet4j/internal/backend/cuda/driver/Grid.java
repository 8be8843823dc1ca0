package io.github.densenet4j.internal.backend.cuda.driver;

/**
 * How a kernel is spread over a device.
 *
 * @param columns blocks in a row
 * @param rows of blocks
 * @param threads of a block
 * @param sharedBytes of a block, besides what the kernel declares
 */
public record Grid(int columns, int rows, int threads, int sharedBytes) {
  @Override
  public String toString() {
    String blocks = rows == 1 ? Integer.toString(columns) : columns + " x " + rows;
    return blocks + " blocks of " + threads + " threads"
        + (sharedBytes == 0 ? "" : " and " + sharedBytes + " bytes of shared memory");
  }
}
