package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.checkpoint.Normalization;

/**
 * A batch of labelled images on its way to a device, to be filled again and again. Bytes travel as they are, with what
 * is to be done with each of them; other values are normalised, flipped and shifted here. Several threads
 * may put images into different slots.
 */
public sealed interface ImageBatch permits ByteBatch, FloatBatch {
  /** Room for {@code size} images like those of {@code images}. */
  static ImageBatch of(ImageSource images, int size, Normalization normalization) {
    return switch (images.pixels()) {
      case UINT8 -> new ByteBatch(size, images.imageValues());
      case FLOAT32 -> new FloatBatch(size, images.height(), images.width(), normalization);
    };
  }

  /** The number of images. */
  default int size() {
    return labels().length;
  }

  /** The images' classes, not a copy, (N). */
  int[] labels();

  /** Puts an image as it is. */
  void put(int slot, ImageSource images, int image);

  /**
   * Puts an image as its source varies it by {@code key}. Pixel (y, x) of what the network sees is pixel (y + dy, x + dx) of the normalised image, which is
   * flipped from left to right before if {@code flip}, or 0 where there is none.
   */
  void putVaried(int slot, ImageSource images, int image, long key, int dy, int dx, boolean flip);

  /** Makes the images from {@code slot} on blank ones of class 0. */
  void clearFrom(int slot);

  /** Gives the images to a session, for inference. */
  void loadImages(NetworkSession session);

  /** Gives images and labels to a session, for a step. */
  void load(NetworkSession session);
}
