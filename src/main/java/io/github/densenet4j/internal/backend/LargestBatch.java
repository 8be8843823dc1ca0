package io.github.densenet4j.internal.backend;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.IntFunction;

/** Finds the largest batch whose plan fits in a given memory, by planning; nothing is allocated. */
public final class LargestBatch {
  private final Backend backend;
  private final Lowering lowering;
  private final DenseNetConfig config;
  private final Workload workload;

  private LargestBatch(Backend backend, Lowering lowering, DenseNetConfig config, Workload workload) {
    this.backend = backend;
    this.lowering = lowering;
    this.config = config;
    this.workload = workload;
  }

  /**
   * @param workload what is to be done, in batches of any size; the search begins with its own
   * @param limit bytes
   * @return 0 if no batch fits
   */
  public static int of(Backend backend, Lowering lowering, DenseNetConfig config, Workload workload, long limit) {
    var search = new LargestBatch(backend, lowering, config, workload);
    int most = search.search(search::least, limit, workload.batch(), Integer.MAX_VALUE);
    return most == 0 ? 0 : search.search(search::planned, limit, most, most + 1);
  }

  /**
   * Bytes grow with the batch almost in proportion, so each guess continues the line through the last two; what fits
   * and what does not close in on each other in any case.
   *
   * @param bytesOf a batch; empty if the network cannot have it
   * @param begin the first guess
   * @param tooMany a batch that does not fit
   */
  private int search(IntFunction<OptionalLong> bytesOf, long limit, int begin, int tooMany) {
    int fits = program(1).isPresent() ? 1 : 2; // a single value has no batch statistics
    long bytes = bytesOf.apply(fits).orElse(Long.MAX_VALUE);
    if (bytes > limit) {
      return 0;
    }
    int guess = Math.max(fits + 1, begin);
    while (tooMany - fits > 1) {
      var planned = bytesOf.apply(guess);
      double slope = planned.isEmpty() ? 0 : (double) (planned.getAsLong() - bytes) / (guess - fits);
      if (planned.isPresent() && planned.getAsLong() <= limit) {
        fits = guess;
        bytes = planned.getAsLong();
      } else {
        tooMany = guess;
      }
      double step = slope > 0 ? (limit - bytes) / slope : (tooMany - fits) / 2;
      guess = fits + (int) Math.clamp(step, 1.0, Math.max(1.0, tooMany - fits - 1.0));
    }
    return fits;
  }

  private OptionalLong planned(int batch) {
    return program(batch).stream().mapToLong(program -> backend.plan(program).totalBytes()).findFirst();
  }

  /** Less than {@link #planned} says, or the same; known without the search for places, which takes most of the time. */
  private OptionalLong least(int batch) {
    return program(batch).stream().mapToLong(backend::leastBytes).findFirst();
  }

  private Optional<Program> program(int batch) {
    try {
      return Optional.of(lowering.lower(config, workload.withBatch(batch)));
    } catch (ConfigurationException e) {
      return Optional.empty(); // more than an array holds, or too few for batch statistics
    }
  }
}
