package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.checkpoint.Recipe;
import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "bench",
    description = "Times steps of a network on random images.",
    customSynopsis = "densenet4j bench [OPTIONS] [memory [OPTIONS] | depth [OPTIONS] | kernels [OPTIONS] |"
        + " data [OPTIONS]]",
    subcommands = {
      BenchMemoryCommand.class, BenchDepthCommand.class, BenchKernelsCommand.class, BenchDataCommand.class
    })
final class BenchCommand implements Runnable {
  /** What is timed, and how often: an inference is short, and its slowest ones are of interest. */
  enum Mode {
    TRAIN(10, 2),
    INFER(100, 20);

    private final int steps;
    private final int warmup;

    Mode(int steps, int warmup) {
      this.steps = steps;
      this.warmup = warmup;
    }

    Workload workload(DenseNetConfig config, int batch) {
      return this == INFER ? Workload.inference(batch) : Recipe.paper(batch);
    }
  }

  @ParentCommand private Main main;
  @Mixin private ModelOptions modelOptions;

  @Option(names = "--batch-size", defaultValue = "64", paramLabel = "N", description = "images in a step (default: 64)")
  private int batchSize;

  @Option(names = "--mode", defaultValue = "train", paramLabel = "NAME", description = "train (default) or infer")
  private Mode mode;

  @Option(names = "--steps", paramLabel = "N", description = "steps that are timed (default: 10 to train, 100 to infer)")
  private Integer steps;

  @Option(names = "--warmup", paramLabel = "N", description = "steps before these (default: 2 to train, 20 to infer)")
  private Integer warmup;

  @Option(names = "--seed", defaultValue = "1", paramLabel = "N", description = "of weights and images (default: 1)")
  private long seed;

  @Option(names = "--profile", description = "show the time of a step by operation")
  private boolean profile;

  @Mixin private DeviceOptions deviceOptions;
  @Mixin private StrategyOptions strategyOptions;

  @Option(names = "--json", description = "print the figures as one JSON object")
  private boolean json;

  @Override
  public void run() {
    int timed = steps == null ? mode.steps : steps;
    int before = warmup == null ? mode.warmup : warmup;
    atLeast("--steps", timed, 1);
    atLeast("--warmup", before, 0);
    var config = modelOptions.config();
    try (var backend = deviceOptions.backend()) {
      var program = strategyOptions.lowering(backend).lower(config, mode.workload(config, batchSize));
      String name = backend.name();
      var result = new BenchRun(before, timed, seed, profile).on(backend, program);
      if (json) {
        main.console().out().println(Json.toText(object(program, name, result)));
      } else {
        print(program, name, result);
      }
    }
  }

  static void atLeast(String option, int found, int least) {
    if (found < least) {
      throw new ConfigurationException(option + " is " + found + ", it must be at least " + least);
    }
  }

  Console console() {
    return main.console();
  }

  /**
   * For a subcommand, which would not see them.
   *
   * @throws ConfigurationException if {@code bench} itself was given options
   */
  void requireNoOptions(CommandSpec subcommand) {
    var given = subcommand.parent().commandLine().getParseResult().matchedOptions();
    if (!given.isEmpty()) {
      throw new ConfigurationException(
          given.getFirst().longestName() + " stands before " + subcommand.name() + ", write it behind");
    }
  }

  private Map<String, Object> object(Program program, String device, BenchRun.Result result) {
    var object = strategyOptions.describe(
            program.config(), program.workload().batch(), device, program.lowering().precision());
    object.put("threads", deviceOptions.threads());
    object.put("step_ms_median", 1e3 * result.seconds());
    object.put("images_per_second", batchSize / result.seconds());
    object.put("gflops_per_second", gigaflops(program, result));
    object.put("planned_bytes", result.plan().totalBytes());
    result.besidesBytes().ifPresent(bytes -> object.put("besides_plan_bytes", bytes));
    object.put("peak_rss_bytes", Machine.peakResidentBytes());
    object.put("arithmetic", deviceOptions.arithmetic(program.lowering(), device));
    if (mode == Mode.INFER) {
      object.put("step_ms_p99", 1e3 * result.slowSeconds());
    }
    object.put("jvm_rss_bytes", result.jvmBytes());
    object.put("load_rss_growth_bytes", result.growthBytes());
    object.put("bytes", MemoryRows.object(result.plan()));
    if (profile) {
      object.put("profile", BenchProfile.of(result.steps()).objects());
    }
    return object;
  }

  private void print(Program program, String device, BenchRun.Result result) {
    new Table(Table.Align.LEFT, Table.Align.LEFT)
        .row("model", program.config().name() + ", batch of " + batchSize + ", " + Choice.label(mode))
        .row("device", device + ", " + deviceOptions.describeThreads() + ", "
            + strategyOptions.describe(program.lowering().precision()) + ", arithmetic "
            + deviceOptions.arithmetic(program.lowering(), device))
        .row(mode == Mode.INFER ? "latency" : "step", time(result))
        .row("speed", String.format(Locale.ROOT, "%.1f images/s, %.1f GFLOP/s", batchSize / result.seconds(),
            gigaflops(program, result)))
        .row("memory", memory(result))
        .print(main.console().out());
    if (profile) {
      main.console().out().println();
      Table.figures(BenchProfile.of(result.steps()).rows()).print(main.console().out());
    }
  }

  private static String memory(BenchRun.Result result) {
    var text = new StringBuilder(Figures.bytes(result.plan().totalBytes())).append(" planned, ");
    result.besidesBytes().ifPresent(bytes -> text.append(Figures.bytes(bytes)).append(" of the GPU besides, "));
    text.append(Figures.bytes(Machine.peakResidentBytes())).append(" of the whole process at its peak");
    return text.toString();
  }

  private String time(BenchRun.Result result) {
    int steps = result.steps().size();
    double median = 1e3 * result.seconds();
    return mode == Mode.INFER
        ? String.format(
            Locale.ROOT, "%.2f ms median, %.2f ms 99th percentile (of %d)", median, 1e3 * result.slowSeconds(), steps)
        : String.format(Locale.ROOT, "%.1f ms (median of %d)", median, steps);
  }

  private static double gigaflops(Program program, BenchRun.Result result) {
    return program.flops() / result.seconds() / 1e9;
  }
}
