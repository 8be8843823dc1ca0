package io.github.densenet4j.tensor;

/** The extent of an NHWC tensor without its channels. */
public record Extent(long batch, long height, long width) {
  public long pixels() {
    return batch * height * width;
  }
}
