package io.github.densenet4j.internal.training;

import java.util.Objects;

/**
 * Which images are in which batch, and how each is varied. Any image of any batch can be made at any time, by any
 * thread, and always the same bits.
 */
public interface BatchSequence {
  /** The number of batches, at least 1. */
  int batches();

  /** The most images of a batch. */
  int batchSize();

  /**
   * The images of one batch.
   *
   * @param batch from 0, below {@link #batches}
   */
  int size(int batch);

  /**
   * Makes one image.
   *
   * @param batch from 0, below {@link #batches}
   * @param slot of the batch, from 0, below {@link #size}
   * @param into of {@link #batchSize} images like those of the source, of which this one is overwritten
   */
  void put(int batch, int slot, ImageBatch into);

  /**
   * Makes one batch; what a partial one leaves are blank images of class 0.
   *
   * @param batch from 0, below {@link #batches}
   * @param into of {@link #batchSize} images like those of the source, which are overwritten
   * @return the number of images of the set in it
   */
  default int fill(int batch, ImageBatch into) {
    Objects.checkIndex(batch, batches());
    if (into.size() != batchSize()) {
      throw new IllegalArgumentException("room for %d images, expected %d".formatted(into.size(), batchSize()));
    }
    int size = size(batch);
    for (int slot = 0; slot < size; slot++) {
      put(batch, slot, into);
    }
    into.clearFrom(size);
    return size;
  }
}
