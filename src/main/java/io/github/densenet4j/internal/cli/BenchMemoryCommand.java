package io.github.densenet4j.internal.cli;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.report.MemoryComparison;
import io.github.densenet4j.internal.report.MemoryReport;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.Spec;

@Command(
    name = "memory",
    description = {
      "Compares the strategies: memory planned and measured, and speed, each in a process of its own.",
      "The growth of a process is what it holds after loading the network and its first step, minus what it held just "
          + "before: JVM, kernels and threads. With several rounds the strategies take turns, and each figure is the "
          + "median of its rounds."
    })
final class BenchMemoryCommand implements Runnable {
  @Spec private CommandSpec spec;
  @ParentCommand private BenchCommand bench;

  @Option(
      names = "--models",
      split = ",",
      paramLabel = "NAME,...",
      hideParamSyntax = true,
      description = "several models by name, instead of the one that the next options describe")
  private List<String> models;

  @Mixin private ModelOptions modelOptions;

  @Mixin private BenchStrategies strategies;

  @Option(names = "--batch-size", defaultValue = "64", paramLabel = "N", description = "images in a step (default: 64)")
  private int batchSize;

  @Option(
      names = "--steps",
      defaultValue = "5",
      paramLabel = "N",
      description = "steps that are timed in a round, after a first one (default: 5)")
  private int steps;

  @Option(names = "--rounds", defaultValue = "1", paramLabel = "N", description = "processes a strategy (default: 1)")
  private int rounds;

  @Mixin private DeviceOptions deviceOptions;

  @Option(names = "--json", description = "print the figures as one JSON object")
  private boolean json;

  @Option(names = "--html", paramLabel = "FILE", description = "write a report with pictures")
  private Path html;

  @Override
  public void run() {
    bench.requireNoOptions(spec);
    BenchCommand.atLeast("--steps", steps, 1);
    BenchCommand.atLeast("--rounds", rounds, 1);
    var lowerings = strategies.lowerings();
    try (var harness = new BenchHarness(deviceOptions, batchSize, bench.console())) {
      var comparisons = configs().stream().map(config -> compare(harness, config, lowerings)).toList();
      report(harness.device(), comparisons);
    }
  }

  private void report(String device, List<MemoryComparison> comparisons) {
    if (html != null) {
      MemoryReport.write(html, comparisons);
    }
    var out = bench.console().out();
    if (json) {
      var object = new LinkedHashMap<String, Object>();
      object.put("device", device);
      object.put("batch", batchSize);
      object.put("threads", deviceOptions.threads());
      object.put("steps", steps);
      object.put("rounds", rounds);
      object.put("models", comparisons.stream().map(BenchMemoryFigures::object).toList());
      out.println(Json.toText(object));
    } else {
      comparisons.forEach(comparison -> BenchMemoryFigures.print(comparison, out));
    }
  }

  private List<DenseNetConfig> configs() {
    if (models == null) {
      return List.of(modelOptions.config());
    }
    var given = spec.commandLine().getParseResult();
    for (var option : spec.mixins().get("modelOptions").options()) {
      if (given.hasMatchedOption(option)) {
        throw new ConfigurationException(
            option.longestName() + " describes one model and --models names several, use one of the two");
      }
    }
    return models.stream().map(DenseNetConfig::named).toList();
  }

  private MemoryComparison compare(BenchHarness harness, DenseNetConfig config, List<Lowering> lowerings) {
    var plans = lowerings.stream().map(lowering -> harness.plan(config, lowering)).toList();
    var outcomes = lowerings.stream().map(_ -> new ArrayList<BenchHarness.Outcome>()).toList();
    for (int round = 0; round < rounds; round++) {
      for (int i = 0; i < lowerings.size(); i++) {
        outcomes
            .get(i)
            .add(harness.measure(config, lowerings.get(i), plans.get(i), List.of("--steps=" + steps, "--warmup=1")));
      }
    }
    var rows = new ArrayList<MemoryComparison.Strategy>();
    for (int i = 0; i < lowerings.size(); i++) {
      var outcome = BenchHarness.Outcome.median(outcomes.get(i));
      rows.add(
          new MemoryComparison.Strategy(lowerings.get(i).label(), plans.get(i).bytesByLabel(), outcome.measured(), outcome.refusal()));
    }
    rows.sort(Comparator.comparingLong(MemoryComparison.Strategy::totalBytes).reversed());
    return new MemoryComparison(config.name(), harness.setting(), batchSize, BenchStrategies.BASELINE, rows);
  }
}
