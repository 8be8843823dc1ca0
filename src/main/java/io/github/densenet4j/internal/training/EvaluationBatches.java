package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.ImageSet;
import io.github.densenet4j.error.ConfigurationException;
import java.util.Objects;

/** All images of a set in order, unchanged. */
public final class EvaluationBatches {
  private final ImageSet images;
  private final int batchSize;

  /**
   * @param batchSize may be larger than the set
   * @throws ConfigurationException if the batch size is below 1
   */
  public EvaluationBatches(ImageSet images, int batchSize) {
    ImageBatch.requireImages(batchSize);
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
   * Makes one batch; what a partial one leaves are black images of class 0.
   *
   * @param batch from 0, below {@link #batches}
   * @param into of {@link #batchSize} images of the set's size, which are overwritten
   * @return the number of images of the set in it
   */
  public int fill(int batch, ImageBatch into) {
    Objects.checkIndex(batch, batches());
    into.require(batchSize, images);
    int first = batch * batchSize;
    int valid = Math.min(batchSize, images.count() - first);
    for (int slot = 0; slot < valid; slot++) {
      into.put(slot, images, first + slot);
    }
    into.clearFrom(valid);
    return valid;
  }
}
