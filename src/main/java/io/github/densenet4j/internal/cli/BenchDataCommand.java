package io.github.densenet4j.internal.cli;

import io.github.densenet4j.data.Dataset;
import io.github.densenet4j.internal.checkpoint.Recipe;
import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.training.BatchRing;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.IntStream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "data",
    customSynopsis = "densenet4j bench data --data=SOURCE [OPTIONS]",
    description = {
      "Times the reading of training images beside the training step.",
      "Images are read as in training, by more and more threads; then steps are timed on one batch alone, and both "
          + "together. Who is slower alone makes the other wait."
    })
final class BenchDataCommand implements Runnable {
  private static final String CPU = "cpu";

  @Spec private CommandSpec spec;
  @ParentCommand private BenchCommand bench;
  @Mixin private DataOptions dataOptions;
  @Mixin private ModelOptions modelOptions;
  @Mixin private WorkerOptions workers;

  @Option(names = "--batch-size", defaultValue = "64", paramLabel = "N", description = "images in a step (default: 64)")
  private int batchSize;

  @Option(
      names = "--batches",
      defaultValue = "20",
      paramLabel = "N",
      description = "batches of each measurement, after 2 others; fewer if the data have fewer (default: 20)")
  private int batches;

  @Mixin private DeviceOptions deviceOptions;
  @Mixin private StrategyOptions strategyOptions;

  @Option(names = "--json", description = "print the figures as one JSON object")
  private boolean json;

  /** What was measured, images a second. */
  private record Figured(BenchData.Rates alone, int chosen, double step, double together) {
    double reader() {
      return alone.of(chosen);
    }

    boolean stepWaits() {
      return reader() < step;
    }
  }

  @Override
  public void run() {
    bench.requireNoOptions(spec);
    BenchCommand.atLeast("--batches", batches, 1);
    var data = dataOptions.open(modelOptions.imageSize());
    var config = modelOptions.config(data);
    var measured = new BenchData(data.training(), batchSize, batches);
    int chosen = BatchRing.threads(workers.threads(), data.training());
    try (var backend = deviceOptions.backend()) {
      var program = strategyOptions.lowering(backend).lower(config, Recipe.paper(batchSize));
      var steps = measured.steps(backend, program, chosen);
      var figures = new Figured(measured.read(counts(chosen)), chosen, steps.alone(), steps.together());
      if (json) {
        bench.console().out().println(Json.toText(object(data, config.name(), backend.name(), figures)));
      } else {
        print(data, config.name(), backend.name(), figures);
      }
    }
  }

  /** None, one, twice as many and so on up to the processors, and what a training would have. */
  private static List<Integer> counts(int chosen) {
    int processors = Runtime.getRuntime().availableProcessors();
    var powers = IntStream.iterate(1, n -> n < processors, n -> 2 * n);
    return IntStream.concat(IntStream.of(0, processors, chosen), powers).sorted().distinct().boxed().toList();
  }

  private Map<String, Object> object(Dataset data, String model, String device, Figured figures) {
    var object = new LinkedHashMap<String, Object>();
    object.put("data", data.name());
    object.put("model", model);
    object.put("batch_size", batchSize);
    object.put("device", device);
    object.put("decoder", data.decoder());
    object.put(
        "readers",
        figures.alone().byThreads().entrySet().stream()
            .map(entry -> Map.of("workers", entry.getKey(), "images_per_second", entry.getValue()))
            .toList());
    object.put("workers", figures.chosen());
    object.put("reader_images_per_second", figures.reader());
    object.put("step_images_per_second", figures.step());
    object.put("together_images_per_second", figures.together());
    object.put("waits", figures.stepWaits() ? "step" : "reader");
    return object;
  }

  private void print(Dataset data, String model, String device, Figured figures) {
    String decoder = data.decoder().isEmpty() ? "" : ", decoded by " + data.decoder();
    var table = new Table(Table.Align.LEFT, Table.Align.LEFT).row("data", data.name() + decoder);
    figures.alone().byThreads().forEach(
        (threads, rate) -> table.row("reader, " + threads + (threads == 1 ? " worker" : " workers"), speed(rate)));
    table
        .row("step", speed(figures.step()) + " (" + model + ", batch of " + batchSize + ", " + device + ")")
        .row("together", speed(figures.together()) + ", " + figures.chosen() + " workers")
        .row("", verdict(figures) + (device.equals(CPU) ? ", and both share the processors" : ""))
        .print(bench.console().out());
  }

  private static String verdict(Figured figures) {
    double slower = Math.max(figures.step() / figures.reader(), figures.reader() / figures.step());
    String factor = Figures.significant(slower, 2);
    return figures.stepWaits()
        ? "the step waits for the reader, which is " + factor + " times slower: more workers, or pack the data"
        : "the reader waits for the step, which is " + factor + " times slower";
  }

  private static String speed(double imagesPerSecond) {
    return String.format(Locale.ROOT, "%.0f images/s", imagesPerSecond);
  }
}
