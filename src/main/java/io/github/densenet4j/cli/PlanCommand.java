package io.github.densenet4j.cli;

import io.github.densenet4j.io.Figures;
import io.github.densenet4j.io.Json;
import io.github.densenet4j.memory.MemoryPlan;
import io.github.densenet4j.program.Program;
import io.github.densenet4j.program.Workload;
import io.github.densenet4j.train.TrainingOptions;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;

@Command(
    name = "plan",
    description = "Shows what a network needs: memory by category, operations, traffic; allocates none of it.")
final class PlanCommand implements Runnable {
  @ParentCommand private Main main;
  @Mixin private ModelOptions modelOptions;

  @Option(names = "--batch-size", defaultValue = "64", paramLabel = "N", description = "images in a step (default: 64)")
  private int batchSize;

  @Option(names = "--infer", description = "plan inference instead of training")
  private boolean infer;

  @Mixin private DeviceOptions deviceOptions;

  @Option(names = "--json", description = "print the plan as one JSON object")
  private boolean json;

  @Override
  public void run() {
    var lowering = deviceOptions.lowering();
    var backend = deviceOptions.device().backend();
    var config = modelOptions.config();
    var program = lowering.lower(config, infer ? Workload.inference(batchSize) : TrainingOptions.paper(config).withBatchSize(batchSize).workload());
    var plan = backend.plan(program);
    if (json) {
      print(program, plan, backend.name());
    } else {
      describe(program, plan, backend.name() + ": " + backend.description());
    }
  }

  private void print(Program program, MemoryPlan plan, String device) {
    var object = deviceOptions.describe(program, device);
    object.put("parameter_count", program.parameters().learnableCount());
    object.put("bytes", bytes(plan));
    object.put("launches_per_step", program.step().size());
    object.put("traffic_bytes_per_step", program.trafficBytes());
    main.console().out().println(Json.toText(object));
  }

  private static Map<String, Object> bytes(MemoryPlan plan) {
    var object = new LinkedHashMap<String, Object>();
    plan.bytesByCategory().forEach((category, bytes) -> object.put(category.label(), bytes));
    object.put("total", plan.totalBytes());
    return object;
  }

  private void describe(Program program, MemoryPlan plan, String device) {
    var config = program.config();
    var table =
        new Table(Table.Align.LEFT, Table.Align.LEFT)
            .row("model", config.name() + ": " + Figures.count(program.parameters().learnableCount()) + " parameters")
            .row("images", config.imageSize() + "x" + config.imageSize() + "x" + config.inChannels() + ", "
                + config.classes() + " classes")
            .row("step", (infer ? "inference" : "training") + " of " + batchSize + " images, strategy "
                + program.lowering().strategy() + ", memory " + program.lowering().memory().label() + ", "
                + deviceOptions.precision())
            .row("device", device);
    MemoryRows.add(table, plan);
    table
        .row("", MemoryRows.line("lower bound", plan.lowerBoundBytes()))
        .row("operations", Figures.count(program.step().size()) + " a step")
        .row("traffic", Figures.bytes(program.trafficBytes()) + " a step at least")
        .row("arithmetic", String.format(Locale.ROOT, "%.1f GFLOP a step", program.flops() / 1e9))
        .print(main.console().out());
  }
}
