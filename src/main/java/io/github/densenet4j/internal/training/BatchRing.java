package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.checkpoint.Normalization;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.Stream;

/**
 * The memory that batches of a source are read into, again and again, and the number of threads that do so.
 *
 * @param threads that make images ahead of their use; 0: none
 * @param batches {@link BatchReader#ringSize} of them
 */
public record BatchRing(int threads, List<ImageBatch> batches) {
  private static final int MOST_THREADS = 1024;

  public BatchRing {
    batches = List.copyOf(batches);
  }

  /**
   * Makes one.
   *
   * @param batchSize images of a batch, at least 1
   * @param asked the number of threads; if nothing is said {@link #threads(OptionalInt, ImageSource)}
   */
  public static BatchRing of(ImageSource images, int batchSize, Normalization normalization, OptionalInt asked) {
    int threads = threads(asked, images);
    var batches =
        Stream.generate(() -> ImageBatch.of(images, batchSize, normalization))
            .limit(BatchReader.ringSize(threads, batchSize))
            .toList();
    return new BatchRing(threads, batches);
  }

  /** As many threads as were asked for, else as there are processors, but none for images that are in memory. */
  public static int threads(OptionalInt asked, ImageSource images) {
    return asked.orElse(images.isInMemory() ? 0 : Math.min(MOST_THREADS, Runtime.getRuntime().availableProcessors()));
  }

  /** The bytes of the images in a ring for {@code threads} threads. */
  public static long bytes(ImageSource images, int batchSize, int threads) {
    long value =
        switch (images.pixels()) {
          case UINT8 -> Byte.BYTES;
          case FLOAT32 -> Float.BYTES;
        };
    return BatchReader.ringSize(threads, batchSize) * (value * batchSize * images.imageValues());
  }

  /**
   * Checks a number of threads.
   *
   * @throws ConfigurationException if it is negative, or more than a process can bear
   */
  public static int requireThreads(int threads) {
    if (threads < 0 || threads > MOST_THREADS) {
      throw new ConfigurationException(
          "number of readers is %d, it must be at least 0 and at most %d".formatted(threads, MOST_THREADS),
          "number of readers");
    }
    return threads;
  }

  /** Begins to read a sequence of this ring's source and size; one reader at a time. */
  public BatchReader read(BatchSequence sequence, int first) {
    return BatchReader.open(sequence, first, threads, batches);
  }
}
