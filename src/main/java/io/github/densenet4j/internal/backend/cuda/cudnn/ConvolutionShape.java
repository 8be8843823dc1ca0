package io.github.densenet4j.internal.backend.cuda.cudnn;

/**
 * How a filter moves over an image, the same in both directions.
 *
 * @param compute the type of the sums
 */
public record ConvolutionShape(int padding, int stride, DataType compute) {
  /** Summed up in float32. */
  public static ConvolutionShape of(long padding, long stride) {
    return new ConvolutionShape(Math.toIntExact(padding), Math.toIntExact(stride), DataType.FLOAT);
  }

  @Override
  public String toString() {
    return "padding " + padding + ", stride " + stride;
  }
}
