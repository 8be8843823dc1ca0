package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.internal.backend.NetworkSession;
import java.util.Arrays;

/** A batch of bytes; the device normalises, flips and shifts them. */
public final class ByteBatch implements ImageBatch {
  private static final int PLACEMENT = 3;

  private final int imageValues;
  private final byte[] pixels;
  private final int[] placement;
  private final int[] labels;

  /**
   * Black images.
   *
   * @param size the number of images, at least 1
   * @param imageValues the values of one: height * width * channels
   */
  public ByteBatch(int size, int imageValues) {
    this.imageValues = imageValues;
    pixels = new byte[Math.multiplyExact(size, imageValues)];
    placement = new int[size * PLACEMENT];
    labels = new int[size];
  }

  /** The images' own bytes, not a copy: uint8 (N, H, W, C). */
  public byte[] pixels() {
    return pixels;
  }

  /** Where each image is to stand, not a copy, (N, 3): dy, dx, and 1 if it is flipped from left to right, else 0. */
  public int[] placement() {
    return placement;
  }

  @Override
  public int[] labels() {
    return labels;
  }

  @Override
  public void put(int slot, ImageSource images, int image) {
    images.read(image, pixels, slot * imageValues);
    place(slot, 0, 0, false);
    labels[slot] = images.label(image);
  }

  @Override
  public void putVaried(int slot, ImageSource images, int image, long key, int dy, int dx, boolean flip) {
    images.readVaried(image, key, pixels, slot * imageValues);
    place(slot, dy, dx, flip);
    labels[slot] = images.label(image);
  }

  private void place(int slot, int dy, int dx, boolean flip) {
    placement[slot * PLACEMENT] = dy;
    placement[slot * PLACEMENT + 1] = dx;
    placement[slot * PLACEMENT + 2] = flip ? 1 : 0;
  }

  @Override
  public void clearFrom(int slot) {
    Arrays.fill(pixels, slot * imageValues, pixels.length, (byte) 0);
    Arrays.fill(placement, slot * PLACEMENT, placement.length, 0);
    Arrays.fill(labels, slot, labels.length, 0);
  }

  @Override
  public void loadImages(NetworkSession session) {
    session.load(pixels, placement);
  }

  @Override
  public void load(NetworkSession session) {
    session.load(pixels, placement, labels);
  }
}
