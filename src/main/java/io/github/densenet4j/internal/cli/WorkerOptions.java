package io.github.densenet4j.internal.cli;

import io.github.densenet4j.PredictorOptions;
import io.github.densenet4j.Trainer;
import io.github.densenet4j.data.ImageSource;
import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.training.BatchReader;
import io.github.densenet4j.internal.training.BatchRing;
import java.util.Optional;
import java.util.OptionalInt;
import picocli.CommandLine.Option;

/** Who reads the images. */
final class WorkerOptions {
  @Option(
      names = "--workers",
      paramLabel = "N",
      description = "threads that read and decode images ahead of the computation, 0: none (default: as many as "
          + "processors, 0 where images are in memory); results do not depend on it")
  private Integer workers;

  /** Empty if nothing was said. */
  OptionalInt threads() {
    return workers == null ? OptionalInt.empty() : OptionalInt.of(BatchRing.requireThreads(workers));
  }

  /** For people, if there are any. */
  Optional<String> describe(ImageSource images, int batchSize) {
    int threads = BatchRing.threads(threads(), images);
    return threads == 0
        ? Optional.empty()
        : Optional.of(
            "%d %s, %d batches of images in memory, %s"
                .formatted(
                    threads, threads == 1 ? "worker" : "workers", BatchReader.ringSize(threads, batchSize),
                    Figures.bytes(BatchRing.bytes(images, batchSize, threads))));
  }

  void apply(Trainer trainer) {
    if (workers != null) {
      trainer.readers(workers);
    }
  }

  PredictorOptions applied(PredictorOptions options) {
    return workers == null ? options : options.withReaders(workers);
  }
}
