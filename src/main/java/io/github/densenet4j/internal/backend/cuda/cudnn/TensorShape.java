package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.error.ConfigurationException;

/** Sizes of a tensor and its strides, in elements. cuDNN counts them in 32 bits. */
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

  /** The elements that cuDNN takes, those between the others included. */
  private static final long MOST = Integer.MAX_VALUE;

  /**
   * A packed float32 tensor (N, H, W, C).
   *
   * @throws ConfigurationException if it has more elements than cuDNN takes, as in all methods here
   */
  public static TensorShape nhwc(long batch, long height, long width, long channels) {
    return nhwc(batch, height, width, channels, channels);
  }

  /** Channels of float32 pixels that are {@code pixelPitch} elements apart. */
  public static TensorShape nhwc(long batch, long height, long width, long channels, long pixelPitch) {
    requireSize(batch, height, width, pixelPitch);
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
    requireSize(batch, height, width, channels);
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

  private static void requireSize(long batch, long height, long width, long channels) {
    long elements = batch * height * width * channels;
    if (elements > MOST) {
      throw new ConfigurationException(
          "a tensor of " + batch + " images of " + height + "x" + width + " pixels with " + channels + " channels has "
              + elements + " values, and cuDNN takes at most " + MOST
              + ": use a smaller batch size or smaller images",
          "batch size");
    }
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
