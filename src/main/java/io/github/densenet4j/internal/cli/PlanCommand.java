package io.github.densenet4j.internal.cli;

import io.github.densenet4j.Device;
import io.github.densenet4j.MemoryPlan;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.program.Lowerings;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "plan",
    description = "Shows what a network needs: memory by category and block, operations, traffic; allocates none of "
        + "it. With --memory-limit it answers with the largest batch of each strategy.")
final class PlanCommand implements Runnable {
  @ParentCommand private Main main;
  @Mixin private ModelOptions modelOptions;

  @Option(names = "--batch-size", defaultValue = "64", paramLabel = "N", description = "images in a step (default: 64)")
  private int batchSize;

  @Mixin private FreezeOptions freezeOptions;

  @Option(names = "--infer", description = "plan inference instead of training")
  private boolean infer;

  @Mixin private DeviceOptions deviceOptions;
  @Mixin private StrategyOptions strategyOptions;

  @Option(
      names = "--gpu",
      paramLabel = "GPU",
      converter = GpuModel.Converter.class,
      description = "model the time of a step on a GPU: h200, or GB/s,TFLOP/s,us-per-kernel; with --strategy fused and a "
          + "CUDA device, which knows its kernels")
  private GpuModel gpu;

  @Option(
      names = "--timeline",
      paramLabel = "FILE",
      description = "draw the arena over the operations: FILE.html is a page, FILE.svg the picture alone")
  private Path timeline;

  @Option(names = "--json", description = "print the plan as one JSON object")
  private boolean json;

  @Override
  public void run() {
    var config = modelOptions.config();
    if (infer && freezeOptions.isGiven()) {
      throw new ConfigurationException("--freeze is about training, --infer about none: leave one out");
    }
    try (var device = deviceOptions.device()) {
      var precision = strategyOptions.precision(device);
      var plan = plan(config, device, strategyOptions.strategy(), strategyOptions.memory(), precision);
      var batches = largestBatches(config, device);
      requireKernels(plan);
      if (timeline != null) {
        plan.writeTimeline(timeline);
      }
      if (json) {
        print(config, plan, batches, device);
      } else {
        describe(config, plan, device);
        describe(plan);
        describe(batches);
      }
    }
  }

  private MemoryPlan plan(
      DenseNetConfig config, Device device, Strategy strategy, MemoryLevel level, Precision precision) {
    return infer
        ? MemoryPlan.ofInference(config, batchSize, strategy, precision, device)
        : MemoryPlan.of(
            config, batchSize, strategy, level, precision, device, freezeOptions.frozen(config));
  }

  private void requireKernels(MemoryPlan plan) {
    if (gpu != null && plan.kernels().isEmpty()) {
      throw new ConfigurationException(
          "--gpu models the kernels of --strategy fused on a CUDA device: say --device cuda, or --device cuda-software"
              + " where no GPU is");
    }
  }

  /** The largest batch within --memory-limit, by strategy; empty without a limit. */
  private Map<String, Integer> largestBatches(DenseNetConfig config, Device device) {
    var batches = new LinkedHashMap<String, Integer>();
    if (deviceOptions.memoryLimit().isPresent()) {
      for (var lowering : Lowerings.all()) {
        var plan = plan(config, device, lowering.strategy(), lowering.memory(), lowering.precision());
        batches.put(lowering.label(), plan.largestBatch(deviceOptions.memoryLimit().getAsLong()));
      }
    }
    return batches;
  }

  private void print(DenseNetConfig config, MemoryPlan plan, Map<String, Integer> batches, Device device) {
    var object = strategyOptions.describe(config, batchSize, device.name(), strategyOptions.precision(device));
    object.put("parameter_count", plan.parameterCount());
    var bytes = new LinkedHashMap<String, Object>(plan.bytesByCategory());
    bytes.put("total", plan.totalBytes());
    object.put("bytes", bytes);
    if (!plan.besidesBytes().isEmpty()) {
      object.put("besides_plan_bytes", plan.besidesBytes());
    }
    object.put("lower_bound_bytes", plan.lowerBoundBytes());
    object.put("peak", peak(plan.peak()));
    object.put("blocks", plan.parts().stream().map(PlanCommand::block).toList());
    object.put("launches_per_step", plan.operations());
    object.put("traffic_bytes_per_step", plan.trafficBytes());
    plan.kernels().ifPresent(kernels -> object.put("kernels_per_step", kernels));
    plan.kernelsBeside().ifPresent(kernels -> object.put("kernels_beside_per_step", kernels));
    if (gpu != null) {
      var precision = strategyOptions.precision(device);
      object.put("model_floor_ms", 1e3 * gpu.floorSeconds(plan, precision));
      object.put("model_step_ms", 1e3 * gpu.stepSeconds(plan, precision, plan.kernels().orElseThrow()));
    }
    if (!batches.isEmpty()) {
      object.put("largest_batch", batches);
    }
    main.console().out().println(Json.toText(object));
  }

  private static Map<String, Object> peak(MemoryPlan.Peak peak) {
    var object = new LinkedHashMap<String, Object>();
    object.put("index", peak.index());
    object.put("operation", peak.operation());
    object.put("phase", peak.phase());
    object.put("block", peak.part());
    object.put("bytes", peak.bytes());
    return object;
  }

  private static Map<String, Object> block(MemoryPlan.Part part) {
    var object = new LinkedHashMap<String, Object>();
    object.put("name", part.name());
    object.put("most_bytes", part.mostBytes());
    object.put("bytes_at_peak", part.bytesAtPeak());
    return object;
  }

  private void describe(DenseNetConfig config, MemoryPlan plan, Device device) {
    var table =
        new Table(Table.Align.LEFT, Table.Align.LEFT)
            .row("model", config.name() + ": " + Figures.count(plan.parameterCount()) + " parameters")
            .row("images", config.imageSize() + "x" + config.imageSize() + "x" + config.inChannels() + ", "
                + config.classes() + " classes")
            .row("step", (infer ? "inference" : "training") + " of " + batchSize + " images, "
                + strategyOptions.describe(strategyOptions.precision(device)))
            .row("device", device.name() + ": " + device.description());
    MemoryRows.add(table, plan.bytesByCategory(), plan.totalBytes());
    table.row("", MemoryRows.line("lower bound", plan.lowerBoundBytes()));
    plan.besidesBytes()
        .forEach((what, bytes) -> table.row("", MemoryRows.line("besides: " + what.replace('_', ' '), bytes)));
    plan.kernels().ifPresent(kernels -> table.row("kernels", kernels(kernels, plan.kernelsBeside().orElseThrow())));
    if (gpu != null) {
      table.row("modelled", model(plan, strategyOptions.precision(device)));
    }
    table
        .row("operations", Figures.count(plan.operations()) + " a step")
        .row("traffic", Figures.bytes(plan.trafficBytes()) + " a step at least")
        .row("arithmetic", String.format(Locale.ROOT, "%.1f GFLOP a step", plan.flops() / 1e9))
        .row("peak", Figures.bytes(plan.peak().bytes()) + " at operation " + Figures.count(plan.peak().index()) + ", "
            + plan.peak())
        .print(main.console().out());
  }

  private static String kernels(int path, int beside) {
    return Figures.count(path) + " a step" + (beside == 0 ? "" : ", and " + Figures.count(beside) + " beside these");
  }

  private String model(MemoryPlan plan, Precision precision) {
    return String.format(
        Locale.ROOT, "%.2f ms a step, %.2f ms without the time of kernels, at %s",
        1e3 * gpu.stepSeconds(plan, precision, plan.kernels().orElseThrow()), 1e3 * gpu.floorSeconds(plan, precision),
        gpu.limits(precision));
  }

  /** The parts of the network, and what else lives at the peak. */
  private void describe(MemoryPlan plan) {
    var table =
        new Table(Table.Align.LEFT, Table.Align.RIGHT, Table.Align.RIGHT).row("block", "at most", "at the peak");
    for (var part : plan.parts()) {
      table.row(part.name(), Figures.bytes(part.mostBytes()), Figures.bytes(part.bytesAtPeak()));
    }
    long workspace = plan.bytesByCategory().get("workspace");
    long parts = plan.parts().stream().mapToLong(MemoryPlan.Part::bytesAtPeak).sum();
    table
        .row("workspace", Figures.bytes(workspace), Figures.bytes(workspace))
        .row("lasting", "", Figures.bytes(plan.lowerBoundBytes() - workspace - parts))
        .row("together", "", Figures.bytes(plan.lowerBoundBytes()));
    main.console().out().println();
    table.print(main.console().out());
  }

  private void describe(Map<String, Integer> batches) {
    if (batches.isEmpty()) {
      return;
    }
    var table = new Table(Table.Align.LEFT, Table.Align.RIGHT);
    table.row("strategy", "largest batch in " + Figures.bytes(deviceOptions.memoryLimit().orElseThrow()));
    batches.forEach((strategy, batch) -> table.row(strategy, batch == 0 ? "none" : Figures.count(batch)));
    main.console().out().println();
    table.print(main.console().out());
  }
}
