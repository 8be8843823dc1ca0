package io.github.densenet4j.internal.tensor;

/** The extent of an NHWC tensor without its channels. */
public record Extent(long batch, long height, long width) {
  public long pixels() {
    return batch * height * width;
  }

  /** Of what a square window makes of it that moves by {@code stride}; what is left over at the ends counts nowhere. */
  public Extent windows(long window, long stride, long padding) {
    return new Extent(batch, windows(height, window, stride, padding), windows(width, window, stride, padding));
  }

  private static long windows(long size, long window, long stride, long padding) {
    return (size + 2 * padding - window) / stride + 1;
  }
}
