package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.LargestBatch;
import io.github.densenet4j.internal.checkpoint.TrainingOptions;
import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.memory.StageBytes;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import io.github.densenet4j.internal.report.MemoryTimeline;
import io.github.densenet4j.internal.tensor.Category;
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

  @Option(names = "--infer", description = "plan inference instead of training")
  private boolean infer;

  @Mixin private DeviceOptions deviceOptions;
  @Mixin private StrategyOptions strategyOptions;

  @Option(
      names = "--timeline",
      paramLabel = "FILE",
      description = "draw the arena over the operations: FILE.html is a page, FILE.svg the picture alone")
  private Path timeline;

  @Option(names = "--json", description = "print the plan as one JSON object")
  private boolean json;

  @Override
  public void run() {
    var lowering = strategyOptions.lowering();
    var config = modelOptions.config();
    try (var device = deviceOptions.device()) {
      show(lowering, config, device.backend());
    }
  }

  private void show(Lowering lowering, DenseNetConfig config, Backend backend) {
    var workload =
        infer
            ? Workload.inference(batchSize)
            : TrainingOptions.paper(config).withBatchSize(batchSize).workload();
    var program = lowering.lower(config, workload);
    var plan = backend.plan(program);
    var batches = largestBatches(backend, config, workload);
    if (timeline != null) {
      MemoryTimeline.write(timeline, PlanTimeline.of(program, plan, backend.name()));
    }
    if (json) {
      print(program, plan, batches, backend);
    } else {
      describe(program, plan, backend);
      describe(plan);
      describe(batches);
    }
  }

  /** The largest batch within --memory-limit, by strategy; empty without a limit. */
  private Map<String, Integer> largestBatches(Backend backend, DenseNetConfig config, Workload workload) {
    var batches = new LinkedHashMap<String, Integer>();
    deviceOptions
        .memoryLimit()
        .ifPresent(
            limit ->
                Lowerings.all().forEach(
                    strategy ->
                        batches.put(
                            strategy.label(), LargestBatch.of(backend, strategy, config, workload, limit))));
    return batches;
  }

  private void print(Program program, ArenaPlan plan, Map<String, Integer> batches, Backend backend) {
    var object = strategyOptions.describe(program, backend.name());
    object.put("parameter_count", program.parameters().learnableCount());
    object.put("bytes", MemoryRows.object(plan));
    var besides = backend.besidesPlan(program);
    if (!besides.isEmpty()) {
      object.put("besides_plan_bytes", besides);
    }
    object.put("lower_bound_bytes", plan.lowerBoundBytes());
    object.put("peak", peak(plan));
    object.put("blocks", plan.stages().stream().map(PlanCommand::block).toList());
    object.put("launches_per_step", program.step().size());
    object.put("traffic_bytes_per_step", program.trafficBytes());
    if (!batches.isEmpty()) {
      object.put("largest_batch", batches);
    }
    main.console().out().println(Json.toText(object));
  }

  private static Map<String, Object> peak(ArenaPlan plan) {
    var peak = plan.peak();
    var object = new LinkedHashMap<String, Object>();
    object.put("index", peak.index());
    object.put("operation", peak.op().stem());
    object.put("phase", Choice.label(peak.phase()));
    object.put("block", peak.stage());
    object.put("bytes", peak.bytes());
    return object;
  }

  private static Map<String, Object> block(StageBytes stage) {
    var object = new LinkedHashMap<String, Object>();
    object.put("name", stage.stage());
    object.put("most_bytes", stage.most());
    object.put("bytes_at_peak", stage.atPeak());
    return object;
  }

  private void describe(Program program, ArenaPlan plan, Backend backend) {
    var config = program.config();
    var table =
        new Table(Table.Align.LEFT, Table.Align.LEFT)
            .row("model", config.name() + ": " + Figures.count(program.parameters().learnableCount()) + " parameters")
            .row("images", config.imageSize() + "x" + config.imageSize() + "x" + config.inChannels() + ", "
                + config.classes() + " classes")
            .row("step", (infer ? "inference" : "training") + " of " + batchSize + " images, "
                + strategyOptions.describe(program.lowering()))
            .row("device", backend.name() + ": " + backend.description());
    MemoryRows.add(table, plan);
    table.row("", MemoryRows.line("lower bound", plan.lowerBoundBytes()));
    backend
        .besidesPlan(program)
        .forEach((what, bytes) -> table.row("", MemoryRows.line("besides: " + what.replace('_', ' '), bytes)));
    table
        .row("operations", Figures.count(program.step().size()) + " a step")
        .row("traffic", Figures.bytes(program.trafficBytes()) + " a step at least")
        .row("arithmetic", String.format(Locale.ROOT, "%.1f GFLOP a step", program.flops() / 1e9))
        .row("peak", Figures.bytes(plan.peak().bytes()) + " at operation " + Figures.count(plan.peak().index()) + ", "
            + PlanTimeline.describe(plan.peak()))
        .print(main.console().out());
  }

  /** The parts of the network, and what else lives at the peak. */
  private void describe(ArenaPlan plan) {
    var table =
        new Table(Table.Align.LEFT, Table.Align.RIGHT, Table.Align.RIGHT).row("block", "at most", "at the peak");
    for (var stage : plan.stages()) {
      table.row(stage.stage(), Figures.bytes(stage.most()), Figures.bytes(stage.atPeak()));
    }
    long workspace = plan.bytesByCategory().get(Category.WORKSPACE);
    long stages = plan.stages().stream().mapToLong(StageBytes::atPeak).sum();
    table
        .row("workspace", Figures.bytes(workspace), Figures.bytes(workspace))
        .row("lasting", "", Figures.bytes(plan.lowerBoundBytes() - workspace - stages))
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
