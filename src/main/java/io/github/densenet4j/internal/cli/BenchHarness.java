package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.checkpoint.Recipe;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.report.MemoryComparison.Measured;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/** Plans the training of networks in this process, and measures it in processes of their own. */
final class BenchHarness implements AutoCloseable {
  private final DeviceOptions options;
  private final Backend backend;
  private final int batchSize;
  private final Console console;

  BenchHarness(DeviceOptions options, int batchSize, Console console) {
    this.options = options;
    this.backend = options.backend();
    this.batchSize = batchSize;
    this.console = console;
  }

  /**
   * What came of a measurement.
   *
   * @param measured empty if the plan did not fit in memory
   * @param refusal the sentence that said so
   */
  record Outcome(Optional<Measured> measured, Optional<String> refusal) {
    /** The median of the rounds, figure by figure; a refusal if one of them was refused. */
    static Outcome median(List<Outcome> rounds) {
      var refused = rounds.stream().filter(round -> round.measured().isEmpty()).findFirst();
      if (refused.isPresent()) {
        return refused.get();
      }
      var measured = rounds.stream().flatMap(round -> round.measured().stream()).toList();
      return new Outcome(
          Optional.of(
              new Measured(
                  (long) median(measured, Measured::loadGrowthBytes),
                  (long) median(measured, Measured::peakGrowthBytes),
                  median(measured, Measured::stepSeconds))),
          Optional.empty());
    }

    private static double median(List<Measured> rounds, ToDoubleFunction<Measured> figure) {
      return BenchRun.median(rounds.stream().mapToDouble(figure).toArray());
    }
  }

  ArenaPlan plan(DenseNetConfig config, Lowering lowering) {
    return backend.plan(lowering.lower(config, Recipe.paper(batchSize)));
  }

  /** Where it measures, for people. */
  String setting() {
    return "batch of " + batchSize + ", " + backend.name() + ", " + options.describeThreads();
  }

  String device() {
    return backend.name();
  }

  /**
   * @param plan of the network
   * @param run the options of {@code bench} that say what to run
   * @throws DeviceException if the process fails, and not for want of memory
   */
  Outcome measure(DenseNetConfig config, Lowering lowering, ArenaPlan plan, List<String> run) {
    var arguments = new ArrayList<>(run);
    arguments.add("--batch-size=" + batchSize);
    arguments.addAll(options.arguments());
    console.err().println("measuring " + config.name() + ", " + lowering.label());
    // The process needs a heap beside the plan.
    long limit = Math.min(backend.memoryLimit(), backend.availableBytes() - Runtime.getRuntime().maxMemory());
    boolean fits = plan.totalBytes() <= limit;
    return switch (new BenchProcess(config, lowering, arguments).run()) {
      case BenchProcess.Outcome.Measured(var figures) -> new Outcome(Optional.of(measured(figures)), Optional.empty());
      case BenchProcess.Outcome.Failed(var sentence) -> {
        if (fits) {
          throw new DeviceException("bench of " + config.name() + ", " + lowering.label() + ", failed: " + sentence);
        }
        yield new Outcome(Optional.empty(), Optional.of(sentence));
      }
    };
  }

  private static Measured measured(Map<String, Object> figures) {
    return new Measured(
        (Long) figures.get("load_rss_growth_bytes"),
        (Long) figures.get("peak_rss_bytes") - (Long) figures.get("jvm_rss_bytes"),
        (Double) figures.get("step_ms_median") / 1e3);
  }

  @Override
  public void close() {
    backend.close();
  }
}
