package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.Augmentation;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.random.SplitMix64;
import java.util.Objects;

/**
 * Shuffled, augmented training batches. Any batch of any epoch can be made at any time, and always the same bits: the
 * order is a function of (seed, epoch), the augmentation of an image one of (seed, epoch, image index). An epoch has
 * only full batches; the images that are left over, other ones each epoch, sit it out. Not safe for concurrent use.
 */
public final class Batches {
  private static final long ORDER = 1;
  private static final long AUGMENTATION = 2;
  private static final int PADDING = 4;
  private static final int SHIFTS = 2 * PADDING + 1;

  private final ImageSource images;
  private final Augmentation augmentation;
  private final int batchSize;
  private final long seed;
  private final int[] order;
  private long orderedEpoch = -1;

  /** @throws ConfigurationException if the batch size is below 1 or above the number of images */
  public Batches(ImageSource images, Augmentation augmentation, int batchSize, long seed) {
    if (batchSize < 1 || batchSize > images.count()) {
      throw new ConfigurationException(
          "batch size is %d, it must be at least 1 and at most the %d training images"
              .formatted(batchSize, images.count()));
    }
    this.images = images;
    this.augmentation = Objects.requireNonNull(augmentation);
    this.batchSize = batchSize;
    this.seed = seed;
    order = new int[images.count()];
  }

  public int batchSize() {
    return batchSize;
  }

  /** The full batches of an epoch, at least 1. */
  public int batchesPerEpoch() {
    return order.length / batchSize;
  }

  /**
   * Makes one batch.
   *
   * @param epoch from 0
   * @param batch from 0, below {@link #batchesPerEpoch}
   * @param into of {@link #batchSize} images like those of the source, which are overwritten
   */
  public void fill(long epoch, int batch, ImageBatch into) {
    Objects.checkIndex(epoch, Long.MAX_VALUE);
    Objects.checkIndex(batch, batchesPerEpoch());
    if (into.size() != batchSize) {
      throw new IllegalArgumentException("room for %d images, expected %d".formatted(into.size(), batchSize));
    }
    if (epoch != orderedEpoch) {
      new SplitMix64(key(ORDER, epoch)).permute(order);
      orderedEpoch = epoch;
    }
    long augmentationKey = key(AUGMENTATION, epoch);
    for (int slot = 0; slot < batchSize; slot++) {
      int image = order[batch * batchSize + slot];
      long bits = SplitMix64.key(augmentationKey, image);
      switch (augmentation) {
        case NONE -> into.putVaried(slot, images, image, bits, 0, 0, false);
        case CIFAR -> {
          boolean flip = bits < 0;
          int dy = (int) ((bits >>> 32 & 0x7fffffff) * SHIFTS >>> 31) - PADDING;
          int dx = (int) ((bits & 0x7fffffff) * SHIFTS >>> 31) - PADDING;
          into.putVaried(slot, images, image, bits, dy, dx, flip);
        }
      }
    }
  }

  private long key(long purpose, long epoch) {
    return SplitMix64.key(SplitMix64.key(seed, purpose), epoch);
  }
}
