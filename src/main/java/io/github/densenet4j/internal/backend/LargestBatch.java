package io.github.densenet4j.internal.backend;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Workload;
import java.util.OptionalLong;

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
    return new LargestBatch(backend, lowering, config, workload).search(limit);
  }

  /**
   * Plans grow with the batch almost in proportion, so each guess continues the line through the last two; what fits
   * and what does not close in on each other in any case.
   */
  private int search(long limit) {
    int fits = planned(1).isPresent() ? 1 : 2; // a single value has no batch statistics
    long bytes = planned(fits).orElse(Long.MAX_VALUE);
    if (bytes > limit) {
      return 0;
    }
    int tooMany = Integer.MAX_VALUE;
    int guess = Math.max(fits + 1, workload.batch());
    while (tooMany - fits > 1) {
      var planned = planned(guess);
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

  /** Bytes of the plan for a batch; empty if the network cannot have such a batch. */
  private OptionalLong planned(int batch) {
    try {
      return OptionalLong.of(backend.plan(lowering.lower(config, workload.withBatch(batch))).totalBytes());
    } catch (ConfigurationException e) {
      return OptionalLong.empty(); // more than an array holds, or too few for batch statistics
    }
  }
}
