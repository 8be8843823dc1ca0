package io.github.densenet4j.internal.io;

import io.github.densenet4j.error.DataException;
import java.util.Arrays;

/**
 * The pixels of one image.
 *
 * @param height rows
 * @param width columns
 * @param channels 1 (grey) or 3 (red, green, blue)
 * @param nhwc the values 0 to 255, unsigned, in the order (row, column, channel); not copied
 */
public record DecodedImage(int height, int width, int channels, byte[] nhwc) {
  /** Refuses extents that do not fit the bytes with {@link IllegalArgumentException}. */
  public DecodedImage {
    if (height < 1 || width < 1 || channels != 1 && channels != 3) {
      throw new IllegalArgumentException("no image of %d x %d x %d".formatted(height, width, channels));
    }
    if ((long) height * width * channels != nhwc.length) {
      throw new IllegalArgumentException(
          "%d bytes for an image of %d x %d x %d".formatted(nhwc.length, height, width, channels));
    }
  }

  /**
   * The image at another size, by a separable triangle filter. When an axis grows, each result is the linear
   * interpolation of its two neighbours; when it shrinks by a factor f, the triangle is f times as wide, so that every
   * source pixel counts and nothing aliases. Pixel centres lie at half coordinates, and at the border the weights are
   * renormalised.
   */
  public DecodedImage resize(int newHeight, int newWidth) {
    if (newHeight == height && newWidth == width) {
      return this;
    }
    var bytes = new byte[Math.multiplyExact(Math.multiplyExact(newHeight, newWidth), channels)];
    var rows = TriangleFilter.of(height, newHeight);
    var columns = TriangleFilter.of(width, newWidth);
    var row = new float[width * channels];
    for (int y = 0; y < newHeight; y++) {
      sumRows(row, rows.first()[y], rows.weights()[y]);
      for (int x = 0; x < newWidth; x++) {
        int first = columns.first()[x] * channels;
        for (int c = 0; c < channels; c++) {
          float value = dot(columns.weights()[x], row, first + c);
          bytes[(y * newWidth + x) * channels + c] = (byte) Math.clamp(Math.round(value), 0, 255);
        }
      }
    }
    return new DecodedImage(newHeight, newWidth, channels, bytes);
  }

  /**
   * The image with 1 or 3 channels: colour becomes grey as 0.299 R + 0.587 G + 0.114 B (ITU-R BT.601), rounded; grey
   * becomes colour by copying.
   *
   * @throws DataException if the number is neither 1 nor 3
   */
  public DecodedImage toChannels(int wanted) {
    if (wanted == channels) {
      return this;
    }
    return switch (wanted) {
      case 1 -> toGrey();
      case 3 -> toColour();
      default -> throw new DataException(
          "an image has 1 or 3 channels and cannot be fed to a model with %d".formatted(wanted));
    };
  }

  /**
   * The image at {@code size} x {@code size}: centred on black if it is not larger, otherwise resized, both as data sets
   * are for training.
   */
  public DecodedImage fittedInto(int size) {
    if (height > size || width > size) {
      return resize(size, size);
    }
    var pixels = new byte[Math.multiplyExact(Math.multiplyExact(size, size), channels)];
    int row = width * channels;
    int top = (size - height) / 2;
    int left = (size - width) / 2;
    for (int y = 0; y < height; y++) {
      System.arraycopy(nhwc, y * row, pixels, ((top + y) * size + left) * channels, row);
    }
    return new DecodedImage(size, size, channels, pixels);
  }

  private void sumRows(float[] sum, int first, float[] weights) {
    Arrays.fill(sum, 0);
    for (int i = 0; i < weights.length; i++) {
      int start = (first + i) * sum.length;
      for (int j = 0; j < sum.length; j++) {
        sum[j] += weights[i] * (nhwc[start + j] & 0xff);
      }
    }
  }

  private float dot(float[] weights, float[] row, int first) {
    float sum = 0;
    for (int i = 0; i < weights.length; i++) {
      sum += weights[i] * row[first + i * channels];
    }
    return sum;
  }

  private DecodedImage toGrey() {
    var grey = new byte[height * width];
    for (int i = 0; i < grey.length; i++) {
      int sum = 299 * (nhwc[3 * i] & 0xff) + 587 * (nhwc[3 * i + 1] & 0xff) + 114 * (nhwc[3 * i + 2] & 0xff);
      grey[i] = (byte) ((sum + 500) / 1000);
    }
    return new DecodedImage(height, width, 1, grey);
  }

  private DecodedImage toColour() {
    var colour = new byte[Math.multiplyExact(nhwc.length, 3)];
    for (int i = 0; i < nhwc.length; i++) {
      Arrays.fill(colour, 3 * i, 3 * i + 3, nhwc[i]);
    }
    return new DecodedImage(height, width, 3, colour);
  }
}
