package io.github.densenet4j.internal.backend.cuda.cudnn;

/** Square windows that move over an image, the same in both directions. */
public record PoolingShape(PoolingMode mode, int window, int padding, int stride) {
  public static PoolingShape of(PoolingMode mode, long window, long padding, long stride) {
    return new PoolingShape(mode, Math.toIntExact(window), Math.toIntExact(padding), Math.toIntExact(stride));
  }

  @Override
  public String toString() {
    return mode + " of " + window + "x" + window + ", padding " + padding + ", stride " + stride;
  }
}
