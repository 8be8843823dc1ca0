package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.ImageSource;

/**
 * All images of a set in order, unchanged; the last batch is perhaps partial.
 *
 * @param batchSize at least 1; may be larger than the set
 */
public record EvaluationBatches(ImageSource images, int batchSize) implements BatchSequence {
  @Override
  public int batches() {
    return (images.count() - 1) / batchSize + 1;
  }

  @Override
  public int size(int batch) {
    return Math.min(batchSize, images.count() - batch * batchSize);
  }

  @Override
  public void put(int batch, int slot, ImageBatch into) {
    into.put(slot, images, batch * batchSize + slot);
  }
}
