package io.github.densenet4j.internal.backend.cuda.cudnn;

/** Sizes of a packed filter. cuDNN's convolutions of NHWC tensors want the format NHWC, which is KRSC. */
public record FilterShape(
    DataType type, TensorFormat format, int outChannels, int inChannels, int height, int width) {

  /** A float32 filter (out, kernel, kernel, in). */
  public static FilterShape krsc(long outChannels, long kernel, long inChannels) {
    return square(TensorFormat.NHWC, outChannels, inChannels, kernel);
  }

  /** A float32 filter (out, in, kernel, kernel). */
  public static FilterShape kcrs(long outChannels, long inChannels, long kernel) {
    return square(TensorFormat.NCHW, outChannels, inChannels, kernel);
  }

  private static FilterShape square(TensorFormat format, long outChannels, long inChannels, long kernel) {
    return new FilterShape(
        DataType.FLOAT,
        format,
        Math.toIntExact(outChannels),
        Math.toIntExact(inChannels),
        Math.toIntExact(kernel),
        Math.toIntExact(kernel));
  }

  public long bytes() {
    return (long) outChannels * inChannels * height * width * type.bytes();
  }

  @Override
  public String toString() {
    return "filter " + type + (format == TensorFormat.NHWC ? " KRSC" : " KCRS") + " of " + outChannels + " outputs, "
        + inChannels + " inputs, " + height + "x" + width;
  }
}
