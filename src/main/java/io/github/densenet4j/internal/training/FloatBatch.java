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
  private final int channels;
  private final int imageValues;
  private final float[] values; // (N, H, W, C)
  private final int[] labels;

  /** Blank images: of the mean colour. */
  public FloatBatch(int size, int height, int width, Normalization normalization) {
    this.height = height;
    this.width = width;
    this.normalization = normalization;
    channels = normalization.channels();
    imageValues = height * width * channels;
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
    images.read(index, values, slot * imageValues);
    normalize(slot, index);
    labels[slot] = images.label(index);
  }

  @Override
  public void putVaried(int slot, ImageSource images, int index, long key, int dy, int dx, boolean flip) {
    images.readVaried(index, key, values, slot * imageValues);
    normalize(slot, index);
    if (flip) {
      flip(slot * imageValues);
    }
    if (dy != 0 || dx != 0) {
      shift(slot * imageValues, dy, dx);
    }
    labels[slot] = images.label(index);
  }

  private void normalize(int slot, int index) {
    int start = slot * imageValues;
    for (int i = start; i < start + imageValues; i++) {
      if (!Float.isFinite(values[i])) {
        throw new DataException("image %d has a value that is %s, it must be finite".formatted(index, values[i]));
      }
    }
    normalization.apply(values, start, values, start, imageValues);
  }

  private void flip(int start) {
    for (int y = 0; y < height; y++) {
      int left = start + y * width * channels;
      int right = left + (width - 1) * channels;
      for (; left < right; left += channels, right -= channels) {
        for (int c = 0; c < channels; c++) {
          float value = values[left + c];
          values[left + c] = values[right + c];
          values[right + c] = value;
        }
      }
    }
  }

  /** In place: rows are taken in the order in which none is overwritten before it was read. */
  private void shift(int start, int dy, int dx) {
    int row = width * channels;
    int kept = Math.max(0, width - Math.abs(dx)) * channels;
    for (int i = 0; i < height; i++) {
      int y = dy >= 0 ? i : height - 1 - i;
      int to = start + y * row;
      if (y + dy < 0 || y + dy >= height || kept == 0) {
        Arrays.fill(values, to, to + row, 0);
      } else if (dx >= 0) {
        System.arraycopy(values, to + dy * row + row - kept, values, to, kept);
        Arrays.fill(values, to + kept, to + row, 0);
      } else {
        System.arraycopy(values, to + dy * row, values, to + row - kept, kept);
        Arrays.fill(values, to, to + row - kept, 0);
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
