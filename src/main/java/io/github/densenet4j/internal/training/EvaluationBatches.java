package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.ImageSource;
import java.util.Objects;

/** All images of a set in order, unchanged. */
public final class EvaluationBatches {
  private final ImageSource images;
  private final int batchSize;

  /**
   * @param batchSize at least 1; may be larger than the set
   */
  public EvaluationBatches(ImageSource images, int batchSize) {
    this.images = images;
    this.batchSize = batchSize;
  }

  public int batchSize() {
    return batchSize;
  }

  /** The number of batches, the last one perhaps partial. */
  public int batches() {
    return (images.count() - 1) / batchSize + 1;
  }

  /**
   * Makes one batch; what a partial one leaves are blank images of class 0.
   *
   * @param batch from 0, below {@link #batches}
   * @param into of {@link #batchSize} images like those of the source, which are overwritten
   * @return the number of images of the set in it
   */
  public int fill(int batch, ImageBatch into) {
    Objects.checkIndex(batch, batches());
    if (into.size() != batchSize) {
      throw new IllegalArgumentException("room for %d images, expected %d".formatted(into.size(), batchSize));
    }
    int first = batch * batchSize;
    int valid = Math.min(batchSize, images.count() - first);
    for (int slot = 0; slot < valid; slot++) {
      into.put(slot, images, first + slot);
    }
    into.clearFrom(valid);
    return valid;
  }
}
