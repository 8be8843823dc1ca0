package io.github.densenet4j.data;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * Puts images into the slots of a batch: float32 (N, H, W, C), normalised, flipped and shifted; int32 labels (N). One
 * image is assembled on the heap, then copied at once. Not safe for concurrent use.
 */
final class BatchWriter {
  private static final int LEVELS = 256;

  private final ImageSet images;
  private final int batchSize;
  private final float[] table; // (C, 256)
  private final float[] assembled; // (H, W, C)

  BatchWriter(ImageSet images, Normalization normalization, int batchSize) {
    if (batchSize < 1) {
      throw new ConfigurationException("The batch size is %d, expected at least 1.".formatted(batchSize));
    }
    if (normalization.channels() != images.channels()) {
      throw new DataException(
          "The images have %d channels, but the normalisation has %d; use the data the model was trained for."
              .formatted(images.channels(), normalization.channels()));
    }
    this.images = images;
    this.batchSize = batchSize;
    table = normalization.table();
    assembled = new float[images.imageSize()];
  }

  /** Refuses segments too small for a whole batch. */
  void checkCapacity(MemorySegment pixels, MemorySegment labels) {
    long pixelBytes = (long) batchSize * images.imageSize() * Float.BYTES;
    long labelBytes = (long) batchSize * Integer.BYTES;
    if (pixels.byteSize() < pixelBytes || labels.byteSize() < labelBytes) {
      throw new IllegalArgumentException(
          "A batch needs %d bytes of pixels and %d of labels, the buffers have %d and %d."
              .formatted(pixelBytes, labelBytes, pixels.byteSize(), labels.byteSize()));
    }
  }

  /** Writes an image as it is. */
  void write(int image, int slot, MemorySegment pixels, MemorySegment labels) {
    write(image, false, 0, 0, slot, pixels, labels);
  }

  /**
   * Writes an image so that pixel (y, x) is pixel (y + dy, x + dx) of the, possibly flipped, normalised image, or 0
   * where there is none.
   */
  void write(int image, boolean flip, int dy, int dx, int slot, MemorySegment pixels, MemorySegment labels) {
    int height = images.height();
    int rowSize = images.width() * images.channels();
    for (int y = 0; y < height; y++) {
      int sourceY = y + dy;
      if (sourceY < 0 || sourceY >= height) {
        Arrays.fill(assembled, y * rowSize, (y + 1) * rowSize, 0);
      } else {
        assembleRow(images.offset(image) + sourceY * rowSize, y * rowSize, flip, dx);
      }
    }
    MemorySegment.copy(
        assembled, 0, pixels, ValueLayout.JAVA_FLOAT, (long) slot * Float.BYTES * assembled.length, assembled.length);
    labels.setAtIndex(ValueLayout.JAVA_INT, slot, images.label(image));
  }

  private void assembleRow(int source, int target, boolean flip, int dx) {
    int width = images.width();
    int channels = images.channels();
    int from = Math.min(width, Math.max(0, -dx));
    int to = Math.max(from, width - Math.max(0, dx));
    int step = flip ? -channels : channels;
    int s = source + (flip ? width - 1 - (from + dx) : from + dx) * channels;
    byte[] bytes = images.array();
    int t = target + from * channels;
    Arrays.fill(assembled, target, t, 0);
    for (int x = from; x < to; x++, s += step) {
      for (int c = 0; c < channels; c++) {
        assembled[t++] = table[c * LEVELS + Byte.toUnsignedInt(bytes[s + c])];
      }
    }
    Arrays.fill(assembled, t, target + width * channels, 0);
  }
}
