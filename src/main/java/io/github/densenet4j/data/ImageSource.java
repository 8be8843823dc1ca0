package io.github.densenet4j.data;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;

/**
 * Labelled images of one size, read one at a time in any order: arrays in memory by {@link #of(byte[], int[], int, int,
 * int) of}, or whatever else a program implements this interface with. An image is height x width x channels values,
 * the channels of a pixel side by side (HWC).
 *
 * <p>The same index must give the same values and label every time, and all methods must be safe for calls by several
 * threads at once. Nothing is kept of an image that was read, so a source may be larger than memory.
 *
 * @since 0.1
 */
public interface ImageSource {
  /** What the values of a source are. */
  enum Pixels {
    /** Bytes of 0 to 255; devices take them as they are. */
    UINT8,
    /** Finite float32 values of any range. */
    FLOAT32
  }

  /** How training images are varied, beyond what their source does to them ({@link #readVaried}). */
  enum Augmentation {
    /** Images as they are. */
    NONE,

    /**
     * The "+" of the paper's C10+ and C100+: a horizontal flip with probability 1/2, then a crop of the original size at
     * a uniform random place of the image padded by 4 pixels on each side. As in fb.resnet.torch, images are padded
     * after normalisation, so a padded pixel is 0 as the network sees it: the mean colour, not black.
     */
    CIFAR
  }

  /** {@return the number of images, at least 1} */
  int count();

  /** {@return pixels of an image from top to bottom, at least 1} */
  int height();

  /** {@return pixels of an image from left to right, at least 1} */
  int width();

  /** {@return values of a pixel, at least 1} */
  int channels();

  /**
   * The class of an image, at least 0.
   *
   * @param index from 0, below {@link #count}
   * @return its label
   */
  int label(int index);

  /**
   * Copies the values of an image; those of bytes as 0 to 255.
   *
   * @param index from 0, below {@link #count}
   * @param into takes {@link #imageValues} values (height, width, channels)
   * @param offset where in {@code into} the first one is to stand
   */
  void read(int index, float[] into, int offset);

  /**
   * Copies the values of an image of bytes. Sources of other {@link #pixels} need not implement it.
   *
   * @param index from 0, below {@link #count}
   * @param into takes {@link #imageValues} unsigned bytes (height, width, channels)
   * @param offset where in {@code into} the first one is to stand
   * @throws UnsupportedOperationException if the values are no bytes
   */
  default void read(int index, byte[] into, int offset) {
    throw new UnsupportedOperationException("the images are " + pixels() + ", not bytes");
  }

  /**
   * Copies an image as it is to be trained on: varied by chance, such as cut at a place of its own. Chance is a function
   * of {@code index} and {@code key} alone, so any thread may ask for any image at any time and gets the same bits.
   * Unless a source says otherwise the image is as it is.
   *
   * @param index from 0, below {@link #count}
   * @param key of this time that the image is trained on; another one gives another variation
   * @param into takes {@link #imageValues} values (height, width, channels)
   * @param offset where in {@code into} the first one is to stand
   */
  default void readVaried(int index, long key, float[] into, int offset) {
    read(index, into, offset);
  }

  /**
   * Copies an image of bytes as it is to be trained on; otherwise as {@link #readVaried(int, long, float[], int)}.
   *
   * @param index from 0, below {@link #count}
   * @param key of this time that the image is trained on; another one gives another variation
   * @param into takes {@link #imageValues} unsigned bytes (height, width, channels)
   * @param offset where in {@code into} the first one is to stand
   * @throws UnsupportedOperationException if the values are no bytes
   */
  default void readVaried(int index, long key, byte[] into, int offset) {
    read(index, into, offset);
  }

  /** {@return what the values are; {@link Pixels#FLOAT32} unless a source says otherwise} */
  default Pixels pixels() {
    return Pixels.FLOAT32;
  }

  /**
   * Whether reading an image is no more than copying it, as from an array. Images of other sources are read ahead of
   * their use, by several threads.
   *
   * @return false unless a source says otherwise
   */
  default boolean isInMemory() {
    return false;
  }

  /** {@return values of an image: height * width * channels} */
  default int imageValues() {
    return height() * width() * channels();
  }

  /**
   * What tells this content from other: equal digests, equal images and labels in equal order, wherever they are kept.
   * It is asked for where a training has a folder, so that it is not resumed on other images. Unless a source says
   * otherwise it is computed from all its images; one that takes long to read should have one at hand.
   *
   * @return a short text, such as a checksum in hexadecimal digits
   */
  default String digest() {
    return ContentDigest.of(this);
  }

  /**
   * A view of some images of this source.
   *
   * @param from the first one
   * @param count how many, at least 1
   * @return the view; it reads from this source
   * @throws ConfigurationException if this source does not have them all
   */
  default ImageSource slice(int from, int count) {
    return ImageView.slice(this, from, count);
  }

  /**
   * A view of some images of this source in an order of their own.
   *
   * @param indexes which images, each from 0 and below {@link #count}; at least one; copied
   * @return the view, whose image {@code i} is image {@code indexes[i]} of this source
   * @throws ConfigurationException if this source lacks one of them, or none is asked for
   */
  default ImageSource select(int... indexes) {
    return ImageView.select(this, indexes);
  }

  /**
   * Images of bytes.
   *
   * @param nhwc uint8 (N, height, width, channels), N = {@code labels.length}; not copied, and not to be changed
   *     afterwards
   * @param labels (N), at least 0; copied
   * @param height pixels from top to bottom
   * @param width pixels from left to right
   * @param channels values of a pixel
   * @return the images
   * @throws DataException if there is no image, a size is not positive, the arrays do not fit each other, or a label is
   *     negative
   */
  static ImageSource of(byte[] nhwc, int[] labels, int height, int width, int channels) {
    return new ArrayImages(new ArrayImages.Bytes(nhwc), labels, height, width, channels);
  }

  /**
   * Images of unsigned 16 bit values, which are read as float32 of 0 to 65535.
   *
   * @param nhwc uint16 (N, height, width, channels), N = {@code labels.length}; not copied, and not to be changed
   *     afterwards
   * @param labels (N), at least 0; copied
   * @param height pixels from top to bottom
   * @param width pixels from left to right
   * @param channels values of a pixel
   * @return the images
   * @throws DataException as {@link #of(byte[], int[], int, int, int)}
   */
  static ImageSource of(short[] nhwc, int[] labels, int height, int width, int channels) {
    return new ArrayImages(new ArrayImages.Shorts(nhwc), labels, height, width, channels);
  }

  /**
   * Images of float32 values of any range.
   *
   * @param nhwc (N, height, width, channels), finite, N = {@code labels.length}; not copied, and not to be changed
   *     afterwards
   * @param labels (N), at least 0; copied
   * @param height pixels from top to bottom
   * @param width pixels from left to right
   * @param channels values of a pixel
   * @return the images
   * @throws DataException as {@link #of(byte[], int[], int, int, int)}, and if a value is NaN or infinite
   */
  static ImageSource of(float[] nhwc, int[] labels, int height, int width, int channels) {
    var images = new ArrayImages(new ArrayImages.Floats(nhwc), labels, height, width, channels);
    for (int i = 0; i < nhwc.length; i++) {
      if (!Float.isFinite(nhwc[i])) {
        throw new DataException(
            "image %d has a value that is %s, it must be finite".formatted(i / images.imageValues(), nhwc[i]));
      }
    }
    return images;
  }
}
