package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.data.ImageSource.Augmentation;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.random.SplitMix64;
import java.util.Objects;

/**
 * Shuffled, augmented training batches. The order is a function of (seed, epoch), the augmentation of an image one of
 * (seed, epoch, image index). An epoch has only full batches; the images that are left over, other ones each epoch, sit
 * it out.
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
  }

  public int batchSize() {
    return batchSize;
  }

  /** The full batches of an epoch, at least 1. */
  public int batchesPerEpoch() {
    return images.count() / batchSize;
  }

  /**
   * The batches of one epoch; they hold its order, 4 bytes an image.
   *
   * @param epoch from 0
   */
  public BatchSequence epoch(long epoch) {
    Objects.checkIndex(epoch, Long.MAX_VALUE);
    int[] order = new int[images.count()];
    new SplitMix64(key(ORDER, epoch)).permute(order);
    return new Epoch(order, key(AUGMENTATION, epoch));
  }

  private long key(long purpose, long epoch) {
    return SplitMix64.key(SplitMix64.key(seed, purpose), epoch);
  }

  private final class Epoch implements BatchSequence {
    private final int[] order;
    private final long augmentationKey;

    Epoch(int[] order, long augmentationKey) {
      this.order = order;
      this.augmentationKey = augmentationKey;
    }

    @Override
    public int batches() {
      return batchesPerEpoch();
    }

    @Override
    public int batchSize() {
      return batchSize;
    }

    @Override
    public int size(int batch) {
      return batchSize;
    }

    @Override
    public void put(int batch, int slot, ImageBatch into) {
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
}
