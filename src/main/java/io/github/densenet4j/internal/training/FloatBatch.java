package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.error.DataException;
import io.github.densenet4j.internal.backend.NetworkSession;
import io.github.densenet4j.internal.checkpoint.Normalization;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/** A batch of float32 values as the network sees them: normalised, flipped and shifted. */
public final class FloatBatch implements ImageBatch {
  private final int height;
  private final int width;
  private final Normalization normalization;
  private final int imageValues;
  private final float[] image; // (H, W, C)
  private final float[] values; // (N, H, W, C)
  private final int[] labels;

  /** Blank images: of the mean colour. */
  public FloatBatch(int size, int height, int width, Normalization normalization) {
    this.height = height;
    this.width = width;
    this.normalization = normalization;
    imageValues = height * width * normalization.channels();
    image = new float[imageValues];
    values = new float[Math.multiplyExact(size, imageValues)];
    labels = new int[size];
  }

  /** What the network sees, not a copy, (N, H, W, C). */
  public float[] values() {
    return values;
  }

  @Override
  public int[] labels() {
    return labels;
  }

  @Override
  public void put(int slot, ImageSource images, int index) {
    images.read(index, image, 0);
    normalize(index);
    System.arraycopy(image, 0, values, slot * imageValues, imageValues);
    labels[slot] = images.label(index);
  }

  @Override
  public void putVaried(int slot, ImageSource images, int index, long key, int dy, int dx, boolean flip) {
    images.readVaried(index, key, image, 0);
    normalize(index);
    place(slot * imageValues, dy, dx, flip);
    labels[slot] = images.label(index);
  }

  private void normalize(int index) {
    for (float value : image) {
      if (!Float.isFinite(value)) {
        throw new DataException("image %d has a value that is %s, it must be finite".formatted(index, value));
      }
    }
    normalization.apply(image, 0, image, 0, imageValues);
  }

  private void place(int start, int dy, int dx, boolean flip) {
    int channels = normalization.channels();
    int to = start;
    for (int y = 0; y < height; y++) {
      for (int x = 0; x < width; x++, to += channels) {
        int row = y + dy;
        int column = x + dx;
        if (row < 0 || row >= height || column < 0 || column >= width) {
          Arrays.fill(values, to, to + channels, 0);
        } else {
          int from = (row * width + (flip ? width - 1 - column : column)) * channels;
          System.arraycopy(image, from, values, to, channels);
        }
      }
    }
  }

  @Override
  public void clearFrom(int slot) {
    Arrays.fill(values, slot * imageValues, values.length, 0);
    Arrays.fill(labels, slot, labels.length, 0);
  }

  @Override
  public void loadImages(NetworkSession session) {
    session.load(MemorySegment.ofArray(values));
  }

  @Override
  public void load(NetworkSession session) {
    session.load(MemorySegment.ofArray(values), MemorySegment.ofArray(labels));
  }
}
