package io.github.densenet4j.internal.cli;

import io.github.densenet4j.internal.report.DepthRows;
import io.github.densenet4j.internal.report.MemoryByDepth.Curve;
import io.github.densenet4j.internal.report.MemoryByDepth.Point;
import io.github.densenet4j.internal.report.MemoryByDepth;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Memory by depth as JSON and as text. */
final class BenchDepthFigures {
  private BenchDepthFigures() {}

  static List<Map<String, Object>> strategies(MemoryByDepth memory) {
    return memory.curves().stream().map(BenchDepthFigures::object).toList();
  }

  private static Map<String, Object> object(Curve curve) {
    var object = new LinkedHashMap<String, Object>();
    object.put("strategy", curve.name());
    object.put("growth_exponent", curve.exponent());
    object.put("points", curve.points().stream().map(BenchDepthFigures::object).toList());
    return object;
  }

  private static Map<String, Object> object(Point point) {
    var object = new LinkedHashMap<String, Object>();
    object.put("depth", point.depth());
    object.put("planned_bytes", point.plannedBytes());
    object.put("activations_and_workspace_bytes", point.passingBytes());
    object.put("load_rss_growth_bytes", point.measuredBytes().orElse(null));
    object.put("refused", point.refusal().orElse(null));
    return object;
  }

  static void print(MemoryByDepth memory, PrintStream out) {
    out.println(memory.title() + ", " + memory.setting());
    Table.figures(DepthRows.of(memory)).print(out);
  }
}
