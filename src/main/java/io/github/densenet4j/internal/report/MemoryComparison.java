package io.github.densenet4j.internal.report;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.SequencedSet;

/**
 * One model computed with several strategies.
 *
 * @param model the name of the model
 * @param setting what was measured where, as in "batch of 64, cpu, 2 threads"
 * @param batch images in a step
 * @param baseline the name of the strategy that the others are compared with
 * @param strategies in the order of the report; the baseline need not be among them
 */
public record MemoryComparison(
    String model, String setting, int batch, String baseline, List<Strategy> strategies) {
  public MemoryComparison {
    strategies = List.copyOf(strategies);
  }

  /**
   * One strategy's plan and, if it fits in memory, what was measured.
   *
   * @param plannedBytes by category, without the total; all strategies have the same categories
   * @param refusal why nothing was measured
   */
  public record Strategy(
      String name, SequencedMap<String, Long> plannedBytes, Optional<Measured> measured, Optional<String> refusal) {
    public Strategy {
      plannedBytes = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(plannedBytes));
    }

    public long totalBytes() {
      return plannedBytes.values().stream().mapToLong(Long::longValue).sum();
    }

    /** The part that the strategy decides: activations and workspace. */
    public long passingBytes() {
      return plannedBytes.get("activations") + plannedBytes.get("workspace");
    }

    /** What the process grew by beyond the plan, as a share of the plan; NaN if it was not measured. */
    public double deviation() {
      return measured.map(m -> (double) m.loadGrowthBytes() / totalBytes() - 1).orElse(Double.NaN);
    }
  }

  /**
   * @param loadGrowthBytes the process's growth by loading the network and its first step
   * @param peakGrowthBytes the most that the process held beyond what it held without the network
   * @param stepSeconds the time of a step
   */
  public record Measured(long loadGrowthBytes, long peakGrowthBytes, double stepSeconds) {}

  /** Planned memory as a share of the baseline's; NaN without a baseline. */
  public double memoryRatio(Strategy strategy) {
    return baselineStrategy().map(naive -> (double) strategy.totalBytes() / naive.totalBytes()).orElse(Double.NaN);
  }

  /** Activations and workspace as a share of the baseline's; NaN without a baseline. */
  public double passingRatio(Strategy strategy) {
    return baselineStrategy().map(naive -> (double) strategy.passingBytes() / naive.passingBytes()).orElse(Double.NaN);
  }

  /** Steps in the time of one step of the baseline; NaN unless both were measured. */
  public double speedRatio(Strategy strategy) {
    return baselineStrategy()
        .flatMap(Strategy::measured)
        .flatMap(naive -> strategy.measured().map(m -> naive.stepSeconds() / m.stepSeconds()))
        .orElse(Double.NaN);
  }

  public double imagesPerSecond(Measured measured) {
    return batch / measured.stepSeconds();
  }

  SequencedSet<String> categories() {
    return strategies.getFirst().plannedBytes().sequencedKeySet();
  }

  private Optional<Strategy> baselineStrategy() {
    return strategies.stream().filter(strategy -> strategy.name().equals(baseline)).findFirst();
  }
}
