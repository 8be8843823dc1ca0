package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.Ceiling;
import io.github.densenet4j.internal.backend.MemoryFit;
import io.github.densenet4j.internal.io.AtomicFile;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.report.RooflineChart;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "kernels",
    description = {
      "Times every kernel of a step at every shape, beside the ceiling of the device.",
      "The ceiling is measured first: multiply-adds from registers, copying through memory and, of a GPU,"
          + " coming to memory that the L2 holds, and kernels that do nothing, joined by plain and by "
          + "programmatic edges, or only add to sums over all blocks. On the software CUDA device nothing is timed,"
          + " only counted. A kernel's roof is"
          + " what the first two allow for its operations and its least traffic. Kernels are timed within whole"
          + " steps on random images, where their operands lie as the operations before leave them: in memory, "
          + "or still in a cache, which can make a kernel faster than its roof."
    })
final class BenchKernelsCommand implements Runnable {
  private static final String NOT_TIMED = "not measured: on the software device kernels are counted, not timed";
  private static final int WARMUP = 2;
  private static final int SEED = 1;
  private static final int BATCH = 64;
  private static final int SMALL_BATCH = 8;

  /** A network that needs more for a step of one image is measured with {@link #SMALL_BATCH}. */
  private static final double LARGE_FLOPS = 10e9;

  @Spec private CommandSpec spec;
  @ParentCommand private BenchCommand bench;

  @Option(
      names = "--model",
      defaultValue = "bc-100-12,bc-190-40,densenet121",
      split = ",",
      paramLabel = "NAME,...",
      hideParamSyntax = true,
      description = "models by name (default: ${DEFAULT-VALUE})")
  private List<String> models;

  @Option(names = "--mode", defaultValue = "train", paramLabel = "NAME", description = "train (default) or infer")
  private BenchCommand.Mode mode;

  @Option(
      names = "--batch-size",
      paramLabel = "N",
      description = "images in a step (default: 64, or 8 for a network that takes more than 10 GFLOP an image)")
  private Integer batchSize;

  @Option(
      names = "--op",
      split = ",",
      paramLabel = "NAME,...",
      hideParamSyntax = true,
      description = "report these kernels only, such as bnrelu_conv3x3_fprop (default: all)")
  private List<String> stems = List.of();

  @Option(
      names = "--rounds",
      defaultValue = "5",
      paramLabel = "N",
      description = "steps of which the median counts, after " + WARMUP + " others (default: 5)")
  private int rounds;

  @Mixin private DeviceOptions deviceOptions;
  @Mixin private StrategyOptions strategyOptions;

  @Option(names = "--shapes", description = "show every shape of a kernel (with --json always)")
  private boolean shapes;

  @Option(names = "--json", description = "print the figures as one JSON object")
  private boolean json;

  @Option(names = "--markdown", paramLabel = "FILE", description = "write a report with every shape of a kernel")
  private Path markdown;

  @Option(names = "--svg", paramLabel = "FILE", description = "write a picture of the kernels below the roof")
  private Path svg;

  @Override
  public void run() {
    bench.requireNoOptions(spec);
    BenchCommand.atLeast("--rounds", rounds, 1);
    try (var backend = deviceOptions.backend()) {
      var lowering = strategyOptions.lowering(backend);
      var programs = models.stream().map(DenseNetConfig::named).map(config -> program(lowering, config)).toList();
      requireKnown(programs);
      programs.forEach(program -> MemoryFit.require(backend, program, backend.plan(program)));
      report(backend, lowering, programs);
    }
  }

  private void report(Backend backend, Lowering lowering, List<Program> programs) {
    var out = bench.console().logging(json).out();
    var ceiling = backend.measureCeiling();
    String setting = backend.description();
    String most = ceiling.map(BenchKernelFigures::text).orElse(NOT_TIMED);
    out.println("ceiling of " + setting + ": " + most);
    var networks = new ArrayList<BenchKernelTimes>();
    for (var program : programs) {
      var times =
          ceiling
              .map(roof -> measure(backend, program, rounds, roof))
              .orElseGet(() -> BenchKernelTimes.counted(program));
      networks.add(times.only(stems));
      BenchKernelFigures.print(networks.getLast(), shapes, out);
    }
    if (svg != null) {
      var roof = ceiling.orElseThrow(() -> new ConfigurationException("--svg draws times, but " + NOT_TIMED));
      RooflineChart.write(svg, BenchKernelFigures.roofline(roof, setting, networks));
    }
    if (markdown != null) {
      String command = String.join(" ", spec.root().commandLine().getParseResult().originalArgs());
      var page = new BenchKernelMarkdown(setting, most, command);
      networks.forEach(page::with);
      AtomicFile.writeText(markdown, page.toString());
    }
    if (json) {
      bench.console().out().println(Json.toText(object(backend, ceiling, lowering, networks)));
    }
  }

  private Program program(Lowering lowering, DenseNetConfig config) {
    int batch = batchSize == null ? usualBatch(lowering, config) : batchSize;
    return program(lowering, config, batch);
  }

  private Program program(Lowering lowering, DenseNetConfig config, int batch) {
    return lowering.lower(config, mode.workload(config, batch));
  }

  private int usualBatch(Lowering lowering, DenseNetConfig config) {
    double flops = program(lowering, config, SMALL_BATCH).flops();
    return flops / SMALL_BATCH > LARGE_FLOPS ? SMALL_BATCH : BATCH;
  }

  private void requireKnown(List<Program> programs) {
    var ops = programs.stream().flatMap(program -> program.step().stream()).toList();
    for (String stem : stems) {
      if (ops.stream().noneMatch(op -> op.stem().equals(stem))) {
        throw new ConfigurationException(
            "--op has " + stem + ", which no step of " + String.join(", ", models) + " runs, choose from "
                + names(ops.stream()));
      }
    }
    if (svg != null && ops.stream().noneMatch(op -> op.flops() > 0 && (stems.isEmpty() || stems.contains(op.stem())))) {
      throw new ConfigurationException(
          "--svg draws kernels that multiply, and " + String.join(", ", stems) + " does not, add one of these to --op: "
              + names(ops.stream().filter(op -> op.flops() > 0)));
    }
  }

  private static String names(Stream<Op> ops) {
    return ops.map(Op::stem).distinct().sorted().collect(Collectors.joining(", "));
  }

  static BenchKernelTimes measure(Backend backend, Program program, int rounds, Ceiling ceiling) {
    var steps = new BenchRun(WARMUP, rounds, SEED, true).on(backend, program).steps();
    var times = BenchKernelTimes.of(program, steps, ceiling);
    return backend.name().equals(DeviceOptions.Name.CPU.label())
        ? times
        : times.withGraph(new BenchRun(WARMUP, rounds, SEED, false).on(backend, program).seconds());
  }

  private Map<String, Object> object(
      Backend backend, Optional<Ceiling> ceiling, Lowering lowering, List<BenchKernelTimes> networks) {
    var object = new LinkedHashMap<String, Object>();
    object.put("device", backend.name());
    object.put("processor", backend.processor());
    object.put("threads", deviceOptions.threads());
    object.put("mode", Choice.label(mode));
    object.put("strategy", lowering.strategy().label());
    object.put("memory", lowering.memory().label());
    object.put("precision", lowering.precision().label());
    object.put("arithmetic", deviceOptions.arithmetic(lowering, backend.name()));
    object.put("timed", ceiling.isPresent());
    object.put("rounds", rounds);
    ceiling.ifPresent(roof -> object.put("ceiling", BenchKernelFigures.object(roof)));
    object.put("models", networks.stream().map(BenchKernelFigures::object).toList());
    return object;
  }
}
