package io.github.densenet4j.internal.report;

import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.report.MemoryByDepth.Curve;
import io.github.densenet4j.internal.report.MemoryByDepth.Point;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** Memory by depth as texts: a column a strategy. The first row and the first column are titles. */
public final class DepthRows {
  private final MemoryByDepth memory;
  private final List<List<String>> rows = new ArrayList<>();

  private DepthRows(MemoryByDepth memory) {
    this.memory = memory;
  }

  /** All rows have a title and one cell a strategy. */
  public static List<List<String>> of(MemoryByDepth memory) {
    return new DepthRows(memory).rows();
  }

  private List<List<String>> rows() {
    row("", Curve::name);
    points("", point -> Figures.bytes(point.plannedBytes()));
    if (memory.tried()) {
      points(", measured", point -> point.measuredBytes().map(Figures::bytes).orElse("does not fit"));
    }
    row("growth exponent", curve -> exponent(curve.exponent()));
    return rows;
  }

  private void points(String suffix, Function<Point, String> figure) {
    for (int i = 0; i < memory.depths().size(); i++) {
      int index = i;
      row("L = " + memory.depths().get(i) + suffix, curve -> figure.apply(curve.points().get(index)));
    }
  }

  private void row(String title, Function<Curve, String> figure) {
    rows.add(Stream.concat(Stream.of(title), memory.curves().stream().map(figure)).toList());
  }

  static String exponent(double value) {
    return Double.isNaN(value) ? "–" : Html.fill("%.2f", value);
  }
}
