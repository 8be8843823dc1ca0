package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.ImageSet;
import io.github.densenet4j.error.ConfigurationException;
import java.util.Arrays;

/**
 * A batch of images as bytes, to be filled again and again, and what is to be done with each of them: whoever computes
 * on them normalises, flips and shifts. Not safe for concurrent use.
 */
public final class ImageBatch {
  private static final int PLACEMENT = 3;

  private final int size;
  private final int imageSize;
  private final byte[] pixels;
  private final int[] placement;
  private final int[] labels;

  /**
   * A batch of black images.
   *
   * @param size the number of images
   * @param imageSize the values of one: height * width * channels
   * @throws ConfigurationException if {@code size} is below 1
   */
  public ImageBatch(int size, int imageSize) {
    requireImages(size);
    this.size = size;
    this.imageSize = imageSize;
    pixels = new byte[Math.multiplyExact(size, imageSize)];
    placement = new int[size * PLACEMENT];
    labels = new int[size];
  }

  /** @throws ConfigurationException if a batch cannot have that size */
  static void requireImages(int size) {
    if (size < 1) {
      throw new ConfigurationException("The batch size is %d, expected at least 1.".formatted(size));
    }
  }

  /** The images' own bytes, not a copy: uint8 (N, H, W, C). */
  public byte[] pixels() {
    return pixels;
  }

  /**
   * Where each image is to stand, not a copy, (N, 3): dy, dx, and 1 if it is flipped from left to right, else 0. Pixel
   * (y, x) of what the network sees is pixel (y + dy, x + dx) of the flipped and normalised image, or 0 where there is
   * none.
   */
  public int[] placement() {
    return placement;
  }

  /** The images' classes, not a copy, (N). */
  public int[] labels() {
    return labels;
  }

  /** @throws IllegalArgumentException if it is not of {@code count} images like those of {@code images} */
  void require(int count, ImageSet images) {
    if (count != size || images.imageSize() != imageSize) {
      throw new IllegalArgumentException(
          "The batch has room for %d images of %d bytes, expected %d of %d."
              .formatted(size, imageSize, count, images.imageSize()));
    }
  }

  /** Puts an image where it is as it is. */
  void put(int slot, ImageSet images, int image) {
    put(slot, images, image, 0, 0, false);
  }

  /** Puts an image. */
  void put(int slot, ImageSet images, int image, int dy, int dx, boolean flip) {
    System.arraycopy(images.array(), images.offset(image), pixels, slot * imageSize, imageSize);
    placement[slot * PLACEMENT] = dy;
    placement[slot * PLACEMENT + 1] = dx;
    placement[slot * PLACEMENT + 2] = flip ? 1 : 0;
    labels[slot] = images.label(image);
  }

  /** Makes the images from {@code slot} on black ones of class 0. */
  void clearFrom(int slot) {
    Arrays.fill(pixels, slot * imageSize, pixels.length, (byte) 0);
    Arrays.fill(placement, slot * PLACEMENT, placement.length, 0);
    Arrays.fill(labels, slot, size, 0);
  }
}
