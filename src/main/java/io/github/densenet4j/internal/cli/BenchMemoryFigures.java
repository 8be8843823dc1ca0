package io.github.densenet4j.internal.cli;

import io.github.densenet4j.internal.report.ComparisonRows;
import io.github.densenet4j.internal.report.MemoryComparison.Measured;
import io.github.densenet4j.internal.report.MemoryComparison.Strategy;
import io.github.densenet4j.internal.report.MemoryComparison;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Map;

/** A comparison of strategies as JSON and as text. */
final class BenchMemoryFigures {
  private BenchMemoryFigures() {}

  static Map<String, Object> object(MemoryComparison comparison) {
    var object = new LinkedHashMap<String, Object>();
    object.put("model", comparison.model());
    object.put("strategies", comparison.strategies().stream().map(row -> object(comparison, row)).toList());
    return object;
  }

  private static Map<String, Object> object(MemoryComparison comparison, Strategy row) {
    var object = new LinkedHashMap<String, Object>();
    var measured = row.measured();
    object.put("strategy", row.name());
    object.put("planned_bytes", row.totalBytes());
    object.put("bytes", row.plannedBytes());
    object.put("load_rss_growth_bytes", measured.map(Measured::loadGrowthBytes).orElse(null));
    object.put("growth_beyond_plan", row.deviation());
    object.put("peak_rss_growth_bytes", measured.map(Measured::peakGrowthBytes).orElse(null));
    object.put("step_ms_median", measured.map(m -> 1e3 * m.stepSeconds()).orElse(null));
    object.put("images_per_second", measured.map(comparison::imagesPerSecond).orElse(null));
    object.put("memory_ratio", comparison.memoryRatio(row));
    object.put("activations_and_workspace_ratio", comparison.passingRatio(row));
    object.put("speed_ratio", comparison.speedRatio(row));
    object.put("refused", row.refusal().orElse(null));
    return object;
  }

  static void print(MemoryComparison comparison, PrintStream out) {
    out.println(comparison.model() + ", " + comparison.setting());
    Table.figures(ComparisonRows.of(comparison)).print(out);
    comparison.strategies().forEach(
        row -> row.refusal().ifPresent(sentence -> out.println(row.name() + " was not run: " + sentence)));
  }
}
