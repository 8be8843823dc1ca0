package io.github.densenet4j.data;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DataException;
import java.lang.foreign.MemorySegment;
import java.util.Objects;

/** All images of a set in order, unchanged but for normalisation. Not safe for concurrent use. */
public final class EvaluationBatches {
  private final BatchWriter writer;
  private final ImageSet images;
  private final int batchSize;

  /**
   * @param batchSize may be larger than the set
   * @throws ConfigurationException if the batch size is below 1
   * @throws DataException if the normalisation has another number of channels than the images
   */
  public EvaluationBatches(ImageSet images, Normalization normalization, int batchSize) {
    writer = new BatchWriter(images, normalization, batchSize);
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
   * Makes one batch; what a partial one leaves of the buffers is zero.
   *
   * @param batch from 0, below {@link #batches}
   * @param pixels receives float32 (N, H, W, C), normalised
   * @param labels receives int32 (N)
   * @return the number of images in it
   */
  public int fill(int batch, MemorySegment pixels, MemorySegment labels) {
    Objects.checkIndex(batch, batches());
    writer.checkCapacity(pixels, labels);
    int first = batch * batchSize;
    int valid = Math.min(batchSize, images.count() - first);
    if (valid < batchSize) {
      pixels.fill((byte) 0);
      labels.fill((byte) 0);
    }
    for (int slot = 0; slot < valid; slot++) {
      writer.write(first + slot, slot, pixels, labels);
    }
    return valid;
  }
}
