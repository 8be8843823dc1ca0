package io.github.densenet4j.internal.report;

import io.github.densenet4j.internal.io.AtomicFile;
import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.report.MemoryByDepth.Curve;
import io.github.densenet4j.internal.report.MemoryByDepth.Point;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Memory against depth as SVG: a line of planned bytes a strategy, with a circle around each point that was measured.
 * The legend has the growth exponents. The file has two panels, linear and logarithmic.
 */
public final class DepthChart {
  private static final int WIDTH = 560;
  private static final int HEIGHT = 380;
  private static final int TITLE = 36;
  private static final int LEFT = 52;
  private static final int RIGHT = WIDTH - 16;
  private static final int TOP = 68;
  private static final int BOTTOM = HEIGHT - 44;
  private static final double SMALLEST_TICK_GAP = 0.06;
  private static final double GIB = 1 << 30;
  private static final double MIB = 1 << 20;

  private final MemoryByDepth memory;
  private final double unit;
  private final Axis x;
  private final Axis y;
  private final StringBuilder svg = new StringBuilder();

  private DepthChart(MemoryByDepth memory, double unit, Axis x, Axis y) {
    this.memory = memory;
    this.unit = unit;
    this.x = x;
    this.y = y;
  }

  static DepthChart linear(MemoryByDepth memory) {
    double unit = unit(memory);
    var depths = Axis.linear(0, memory.depths().getLast());
    return new DepthChart(memory, unit, depths, Axis.linear(0, extremes(memory)[1] / unit));
  }

  static DepthChart logarithmic(MemoryByDepth memory) {
    double unit = unit(memory);
    double[] extremes = extremes(memory);
    return new DepthChart(
        memory, unit, depths(memory.depths()), Axis.logarithmicFine(extremes[0] / unit, extremes[1] / unit));
  }

  /** Writes both panels as a file that needs nothing else, atomically. */
  public static void write(Path file, MemoryByDepth memory) {
    AtomicFile.writeText(file, alone(memory));
  }

  /** A document with its style and its title. */
  static String alone(MemoryByDepth memory) {
    return Html.fill("""
        <svg xmlns="http://www.w3.org/2000/svg" class="depth" width="%d" height="%d" viewBox="0 %d %d %d">
        <title>%s: memory against depth</title>
        <style>
        %s%s</style>
        <rect class="paper" y="%d" width="%d" height="%d"/>
        <text class="title" x="%d" y="-10">Memory against depth: %s</text>
        <text class="soft end" x="%d" y="-10">%s</text>
        <g class="linear">
        %s</g>
        <g class="logarithmic" transform="translate(%d 0)">
        %s</g>
        </svg>
        """,
        2 * WIDTH, HEIGHT + TITLE, -TITLE, 2 * WIDTH, HEIGHT + TITLE, Html.escape(memory.title()), StrategyStyle.ALONE,
        StrategyStyle.CHART, -TITLE, 2 * WIDTH, HEIGHT + TITLE, LEFT, Html.escape(memory.title()), WIDTH + RIGHT,
        Html.escape(memory.setting()), linear(memory).drawing(), WIDTH, logarithmic(memory).drawing());
  }

  private static double unit(MemoryByDepth memory) {
    return extremes(memory)[1] >= GIB ? GIB : MIB;
  }

  /** The least and the most bytes, planned or measured. */
  private static double[] extremes(MemoryByDepth memory) {
    var bytes = memory.curves().stream()
        .flatMap(curve -> curve.points().stream())
        .flatMap(point -> Stream.concat(
            Stream.of(point.plannedBytes()), point.measuredBytes().stream()))
        .mapToDouble(Long::doubleValue)
        .summaryStatistics();
    return new double[] {bytes.getMin(), bytes.getMax()};
  }

  /** A logarithmic axis that ends with the data and has its ticks at the data, where there is room. */
  private static Axis depths(List<Integer> depths) {
    double low = depths.getFirst();
    double high = depths.getLast();
    var axis = new Axis(low, high, true, List.of(), value -> Integer.toString((int) value));
    var ticks = new ArrayList<Double>();
    for (double depth : depths) {
      if (ticks.isEmpty() || axis.position(depth) - axis.position(ticks.getLast()) >= SMALLEST_TICK_GAP) {
        ticks.add(depth);
      }
    }
    return new Axis(low, high, true, ticks, axis.labels());
  }

  /** For a page with the style of the reports. */
  String inline() {
    append("<svg class=\"chart depth\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n",
        WIDTH, HEIGHT, Html.escape(memory.title() + ": memory against depth, as in the table below"));
    return drawing() + "</svg>\n";
  }

  private String drawing() {
    axes();
    for (int i = 0; i < memory.curves().size(); i++) {
      legend(i);
      curve(i);
    }
    return svg.toString();
  }

  private void axes() {
    for (double tick : y.ticks()) {
      append("<path class=\"grid\" d=\"M%d %.1fH%d\"/><text class=\"tick y\" x=\"%d\" y=\"%.1f\">%s</text>\n",
          LEFT, yOf(tick), RIGHT, LEFT - 8, yOf(tick) + 4, y.labels().apply(tick));
    }
    append("<path class=\"axis\" d=\"M%d %dH%d\"/>\n", LEFT, BOTTOM, RIGHT);
    for (double tick : x.ticks()) {
      append("<path class=\"axis\" d=\"M%.1f %dv4\"/><text class=\"tick\" x=\"%.1f\" y=\"%d\">%s</text>\n",
          xOf(tick), BOTTOM, xOf(tick), BOTTOM + 18, x.labels().apply(tick));
    }
    append("<text class=\"soft\" x=\"%d\" y=\"%d\">%s%s</text>\n",
        LEFT, TOP - 12, unit == GIB ? "GiB" : "MiB", y.logarithmic() ? ", both axes logarithmic" : "");
    append("<text class=\"soft end\" x=\"%d\" y=\"%d\">depth L%s</text>\n",
        RIGHT, BOTTOM + 38, memory.tried() ? " · line: planned, circle: measured" : " · line: planned");
  }

  private void legend(int index) {
    var curve = memory.curves().get(index);
    double left = LEFT + (double) index * (RIGHT - LEFT) / memory.curves().size();
    append("<g class=\"entry %s\"><path class=\"curve\" d=\"M%.1f 12h16\"/><text x=\"%.1f\" y=\"16\">%s</text>",
        StrategyStyle.of(index), left, left + 22, Html.escape(curve.name()));
    append("<text class=\"soft\" x=\"%.1f\" y=\"36\">L<tspan class=\"power\" dy=\"-5\">%s</tspan></text></g>\n",
        left + 22, DepthRows.exponent(curve.exponent()));
  }

  private void curve(int index) {
    var curve = memory.curves().get(index);
    var path = new StringBuilder();
    for (var point : curve.points()) {
      path.append(Html.fill("%s%.1f %.1f", path.isEmpty() ? "M" : "L", xOf(point.depth()), yOf(planned(point))));
    }
    append("<g class=\"%s\"><path class=\"curve\" d=\"%s\"/>\n", StrategyStyle.of(index), path);
    curve.points().forEach(point -> point(curve, point));
    svg.append("</g>\n");
  }

  private void point(Curve curve, Point point) {
    var title = new StringBuilder(
        Html.fill("%s, L = %d: %s planned", curve.name(), point.depth(), Figures.bytes(point.plannedBytes())));
    point.measuredBytes().ifPresent(bytes -> title.append(", ").append(Figures.bytes(bytes)).append(" measured"));
    append("<g><title>%s</title><circle class=\"planned\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"/>",
        Html.escape(title.toString()), xOf(point.depth()), yOf(planned(point)));
    point.measuredBytes().ifPresent(bytes ->
        append("<circle class=\"measured\" cx=\"%.1f\" cy=\"%.1f\" r=\"5.5\"/>",
            xOf(point.depth()), yOf(bytes / unit)));
    svg.append("</g>\n");
  }

  private double planned(Point point) {
    return point.plannedBytes() / unit;
  }

  private double xOf(double depth) {
    return x.between(depth, LEFT, RIGHT);
  }

  private double yOf(double value) {
    return y.between(value, BOTTOM, TOP);
  }

  private void append(String template, Object... arguments) {
    svg.append(Html.fill(template, arguments));
  }
}
