package io.github.densenet4j.data;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Objects;

/**
 * Labelled images of one size: pixels of 0..255 as (N, H, W, C) bytes on the heap, one label of 0 or more per image.
 * Immutable; {@link #first} and {@link #split} are views that share the pixels.
 */
public final class ImageSet {
  /** The longest array a JVM allocates. */
  static final int MAX_BYTES = Integer.MAX_VALUE - 8;

  private final byte[] pixels; // (all images, H, W, C)
  private final int[] labels; // (all images)
  private final int start;
  private final int count;
  private final int height;
  private final int width;
  private final int channels;

  /** Two parts of one set, in its order. */
  public record Split(ImageSet training, ImageSet heldOut) {}

  /**
   * Takes over both arrays without a copy; the caller must not change them afterwards.
   *
   * @param pixels (N, H, W, C), N = {@code labels.length}
   * @throws DataException if there is no image, a size is not positive, the length does not fit, or a label is negative
   */
  public ImageSet(byte[] pixels, int[] labels, int height, int width, int channels) {
    this(pixels, labels, 0, labels.length, height, width, channels);
    long expected = byteSize(count, height, width, channels);
    if (pixels.length != expected) {
      throw new DataException(
          "The image set holds %d pixel bytes, expected %d for %d images of %dx%dx%d."
              .formatted(pixels.length, expected, count, height, width, channels));
    }
    for (int i = 0; i < count; i++) {
      if (labels[i] < 0) {
        throw new DataException("Image %d has label %d, expected 0 or more.".formatted(i, labels[i]));
      }
    }
  }

  private ImageSet(byte[] pixels, int[] labels, int start, int count, int height, int width, int channels) {
    this.pixels = pixels;
    this.labels = labels;
    this.start = start;
    this.count = count;
    this.height = height;
    this.width = width;
    this.channels = channels;
  }

  /**
   * The bytes of such a set.
   *
   * @throws DataException if a size is not positive or one heap array cannot hold the set
   */
  static int byteSize(int count, int height, int width, int channels) {
    if (count <= 0 || height <= 0 || width <= 0 || channels <= 0) {
      throw new DataException(
          "An image set of %d images of %dx%dx%d is empty, expected at least one image with a pixel."
              .formatted(count, height, width, channels));
    }
    long bytes = 1;
    for (int factor : new int[] {count, height, width, channels}) {
      bytes *= factor; // below 2^31 times below 2^31: cannot overflow
      if (bytes > MAX_BYTES) {
        throw new DataException(
            "%d images of %dx%dx%d need more than %d bytes, the most one set can hold; use fewer or smaller images."
                .formatted(count, height, width, channels, MAX_BYTES));
      }
    }
    return (int) bytes;
  }

  /** The number of images, at least 1. */
  public int count() {
    return count;
  }

  public int height() {
    return height;
  }

  public int width() {
    return width;
  }

  public int channels() {
    return channels;
  }

  /** The values of one image: height * width * channels. */
  public int imageSize() {
    return height * width * channels;
  }

  /** The class of image {@code i}. */
  public int label(int i) {
    return labels[start + Objects.checkIndex(i, count)];
  }

  /** A copy of image {@code i}, (H, W, C). */
  public byte[] image(int i) {
    return Arrays.copyOfRange(pixels, offset(i), offset(i) + imageSize());
  }

  /** A read-only view of all pixels, uint8 (N, H, W, C). */
  public MemorySegment pixels() {
    return MemorySegment.ofArray(pixels).asSlice(offset(0), (long) count * imageSize()).asReadOnly();
  }

  /** The array that {@link #offset} points into; not to be written. */
  public byte[] array() {
    return pixels;
  }

  /** Where image {@code i} starts in {@link #array}. */
  public int offset(int i) {
    return (start + Objects.checkIndex(i, count)) * imageSize();
  }

  /**
   * The first {@code n} images.
   *
   * @throws ConfigurationException if {@code n} is below 1 or above {@link #count}
   */
  public ImageSet first(int n) {
    if (n < 1 || n > count) {
      throw new ConfigurationException(
          "The first %d images were asked for, but the set has %d; ask for 1 to %d.".formatted(n, count, count));
    }
    return view(0, n);
  }

  /**
   * Keeps the last {@code heldOut} images for validation and the others for training.
   *
   * @throws ConfigurationException if either part would be empty
   */
  public Split split(int heldOut) {
    if (heldOut < 1 || heldOut >= count) {
      throw new ConfigurationException(
          "%d validation images cannot be taken from the %d of the set; ask for 1 to %d."
              .formatted(heldOut, count, count - 1));
    }
    return new Split(view(0, count - heldOut), view(count - heldOut, heldOut));
  }

  /** A copy whose image {@code i} is image {@code order[i]} of this set. */
  public ImageSet reordered(int[] order) {
    byte[] newPixels = new byte[byteSize(order.length, height, width, channels)];
    int[] newLabels = new int[order.length];
    for (int i = 0; i < order.length; i++) {
      System.arraycopy(pixels, offset(order[i]), newPixels, i * imageSize(), imageSize());
      newLabels[i] = label(order[i]);
    }
    return new ImageSet(newPixels, newLabels, height, width, channels);
  }

  private ImageSet view(int from, int n) {
    return new ImageSet(pixels, labels, start + from, n, height, width, channels);
  }
}
