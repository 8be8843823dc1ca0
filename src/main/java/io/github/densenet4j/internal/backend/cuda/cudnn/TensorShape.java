package io.github.densenet4j.internal.backend.cuda.cudnn;

/** Sizes of a tensor and its strides, in elements. */
public record TensorShape(
    DataType type,
    int batch,
    int channels,
    int height,
    int width,
    int batchStride,
    int channelStride,
    int rowStride,
    int columnStride) {

  /** A packed float32 tensor (N, H, W, C). */
  public static TensorShape nhwc(long batch, long height, long width, long channels) {
    return nhwc(batch, height, width, channels, channels);
  }

  /** Channels of float32 pixels that are {@code pixelPitch} elements apart. */
  public static TensorShape nhwc(long batch, long height, long width, long channels, long pixelPitch) {
    return new TensorShape(
        DataType.FLOAT,
        Math.toIntExact(batch),
        Math.toIntExact(channels),
        Math.toIntExact(height),
        Math.toIntExact(width),
        Math.toIntExact(height * width * pixelPitch),
        1,
        Math.toIntExact(width * pixelPitch),
        Math.toIntExact(pixelPitch));
  }

  /** A packed float32 tensor (N, C, H, W). */
  public static TensorShape nchw(long batch, long channels, long height, long width) {
    return new TensorShape(
        DataType.FLOAT,
        Math.toIntExact(batch),
        Math.toIntExact(channels),
        Math.toIntExact(height),
        Math.toIntExact(width),
        Math.toIntExact(channels * height * width),
        Math.toIntExact(height * width),
        Math.toIntExact(width),
        1);
  }

  /** A float32 number for each channel. */
  public static TensorShape perChannel(long channels) {
    return nhwc(1, 1, 1, channels);
  }

  /** From the first element to behind the last. */
  public long bytes() {
    long last =
        (batch - 1L) * batchStride + (channels - 1L) * channelStride + (height - 1L) * rowStride
            + (width - 1L) * columnStride;
    return (last + 1) * type.bytes();
  }

  @Override
  public String toString() {
    return type + " NCHW " + batch + "x" + channels + "x" + height + "x" + width + " (strides " + batchStride + ", "
        + channelStride + ", " + rowStride + ", " + columnStride + ")";
  }
}
