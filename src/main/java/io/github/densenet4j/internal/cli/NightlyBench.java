package io.github.densenet4j.internal.cli;

import io.github.densenet4j.internal.cli.NightlyLog.Finding;
import io.github.densenet4j.internal.io.Json;
import io.github.densenet4j.internal.report.NightlyReport.Figure;
import io.github.densenet4j.internal.report.NightlyReport.Measured;
import io.github.densenet4j.internal.report.NightlyReport.Quantity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Memory and speed of ways to compute, each round of each in a process of its own. */
final class NightlyBench {
  private final NightlyLog log;
  private final List<String> command;
  private final int rounds;
  private final Map<NightlyVariant, List<Map<String, Object>>> runs = new LinkedHashMap<>();
  private final Map<NightlyVariant, String> failures = new LinkedHashMap<>();

  /** @param options of {@code bench} that are the same for all */
  NightlyBench(NightlyLog log, String device, List<String> options, int rounds) {
    this.log = log;
    this.rounds = rounds;
    command = Stream.concat(Stream.of("bench", "--json", "--device=" + device), options.stream()).toList();
  }

  /** Measures by turns, so that what a machine does meanwhile meets all. Returns those that were measured. */
  List<NightlyVariant> measure(List<NightlyVariant> variants) {
    for (int round = 0; round < rounds; round++) {
      variants.stream().filter(variant -> !failures.containsKey(variant) && !log.hopeless()).forEach(this::run);
    }
    return variants.stream().filter(this::conclude).toList();
  }

  private void run(NightlyVariant variant) {
    var arguments = Stream.concat(command.stream(), variant.options().stream()).toList();
    var end = log.run(CommandProcess.ofThisProgram(List.of(), arguments));
    if (end.exitCode() == 0) {
      runs.computeIfAbsent(variant, _ -> new ArrayList<>()).add(Json.parse(end.out(), "what bench printed"));
    } else {
      failures.put(variant, end.sentence());
    }
  }

  private boolean conclude(NightlyVariant variant) {
    boolean measured = runs.getOrDefault(variant, List.of()).size() == rounds;
    var finding =
        failures.containsKey(variant)
            ? Finding.fail(failures.get(variant))
            : measured ? Finding.pass("rounds that were measured: " + rounds) : log.leftOut();
    log.note("bench " + variant.label(), finding);
    return measured;
  }

  /** The medians of one that was measured. */
  Measured measured(NightlyVariant variant) {
    String arithmetic = (String) runs.get(variant).getFirst().get("arithmetic");
    return new Measured(
        "densenet4j " + variant.strategy(), arithmetic, median(variant, "images_per_second"),
        median(variant, "planned_bytes"));
  }

  List<Figure> figures(NightlyVariant variant) {
    var measured = measured(variant);
    String of = " of " + variant.strategy();
    return List.of(
        new Figure("memory" + of, measured.arithmetic(), Quantity.MEMORY, measured.bytes()),
        new Figure(
            "memory besides the plan" + of, measured.arithmetic(), Quantity.BESIDES,
            median(variant, "besides_plan_bytes")),
        new Figure("speed" + of, measured.arithmetic(), Quantity.SPEED, measured.imagesPerSecond()));
  }

  private double median(NightlyVariant variant, String key) {
    var values = runs.get(variant).stream().mapToDouble(run -> ((Number) run.get(key)).doubleValue());
    return BenchRun.median(values.toArray());
  }
}
