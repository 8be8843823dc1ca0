package io.github.densenet4j.internal.report;

import io.github.densenet4j.internal.io.AtomicFile;
import io.github.densenet4j.internal.report.Roofline.Mark;
import io.github.densenet4j.internal.report.Roofline.Panel;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Kernels below the machine's roofs as SVG: operations a second over operations a byte, both logarithmic. A panel for
 * each network with a mark for each kernel and shape: coloured by pass, formed by family, its area the share of the
 * step's time. Axes fit the marks that take time; the others stay on the edge if they lie beyond it. The last field of
 * the picture is the legend.
 */
public final class RooflineChart {
  private static final int WIDTH = 560;
  private static final int HEIGHT = 400;
  private static final int TITLE = 36;
  private static final int COLUMNS = 2;
  private static final int LEFT = 52;
  private static final int RIGHT = WIDTH - 16;
  private static final int TOP = 44;
  private static final int BOTTOM = HEIGHT - 48;
  private static final int LEGEND_ROW = 26;
  private static final int LEGEND_COLUMN = 80;
  private static final double GIGA = 1e9;

  /** Of a step; a mark with less does not stretch the axes. */
  private static final double LEAST_SHARE = 0.01;

  /** Corners around the middle: square, triangle, diamond, triangle, cross; nearly as large as a circle of radius 1. */
  private static final double[][] FORMS = {
    {-0.9, -0.9, 0.9, -0.9, 0.9, 0.9, -0.9, 0.9},
    {0, -1.5, 1.35, 0.8, -1.35, 0.8},
    {0, -1.25, 1.25, 0, 0, 1.25, -1.25, 0},
    {0, 1.5, 1.35, -0.8, -1.35, -0.8},
    {
      -0.4, -1.2, 0.4, -1.2, 0.4, -0.4, 1.2, -0.4, 1.2, 0.4, 0.4, 0.4, 0.4, 1.2, -0.4, 1.2, -0.4, 0.4, -1.2, 0.4, -1.2,
      -0.4, -0.4, -0.4
    },
  };

  private static final String STYLE =
      """
      .roof { fill: none; stroke: var(--ink); stroke-width: 1.5; }
      .mark, .sample { fill: var(--mark); fill-opacity: 0.55; stroke: var(--mark); }
      .name { font-weight: 600; }
      .soft { fill: var(--soft); font-size: 12px; }
      .end { text-anchor: end; }
      """;

  private final Roofline roofline;
  private final Axis x;
  private final Axis y;
  private final StringBuilder svg = new StringBuilder();

  private RooflineChart(Roofline roofline) {
    this.roofline = roofline;
    var marks = roofline.marks().filter(mark -> mark.shareOfStep() >= LEAST_SHARE).toList();
    var intensities = marks.stream().mapToDouble(Mark::intensity).summaryStatistics();
    var speeds = marks.stream().mapToDouble(Mark::flopsPerSecond).summaryStatistics();
    double first = Collections.min(roofline.peakFlops().values()) / roofline.copyBytes();
    double last = roofline.highestPeak() / roofline.copyBytes();
    x = Axis.logarithmicFine(Math.min(intensities.getMin(), first / 2), 2 * Math.max(intensities.getMax(), last));
    y = Axis.logarithmicFine(
        Math.min(speeds.getMin(), roofline.highestPeak() / 2) / GIGA,
        1.2 * Math.max(speeds.getMax(), roofline.highestPeak()) / GIGA);
  }

  /** Writes the picture as a file that needs nothing else, atomically. */
  public static void write(Path file, Roofline roofline) {
    AtomicFile.writeText(file, alone(roofline));
  }

  /** A document with its style and its title. */
  static String alone(Roofline roofline) {
    int width = COLUMNS * WIDTH;
    int height = TITLE + (roofline.panels().size() / COLUMNS + 1) * HEIGHT;
    return Html.fill("""
        <svg xmlns="http://www.w3.org/2000/svg" class="roofline" width="%d" height="%d" viewBox="0 %d %d %d">
        <title>Kernels beside the ceiling: %s</title>
        <style>
        %s%s%s</style>
        <rect class="paper" y="%d" width="%d" height="%d"/>
        <text class="title" x="%d" y="-10">Kernels beside the ceiling: %s</text>
        <text class="soft end" x="%d" y="-10">measured ceiling: %s</text>
        %s</svg>
        """,
        width, height, -TITLE, width, height, Html.escape(roofline.setting()), StrategyStyle.ALONE,
        StrategyStyle.CHART, STYLE, -TITLE, width, height, LEFT, Html.escape(roofline.setting()),
        width - WIDTH + RIGHT, Html.escape(ceiling(roofline)), new RooflineChart(roofline).fields());
  }

  private static String ceiling(Roofline roofline) {
    return roofline.peakFlops().entrySet().stream()
            .map(peak -> Html.fill("%s %.0f GFLOP/s, ", peak.getKey(), peak.getValue() / GIGA))
            .collect(Collectors.joining())
        + Html.fill("copy %.0f GB/s", roofline.copyBytes() / GIGA);
  }

  private String fields() {
    for (int i = 0; i < roofline.panels().size(); i++) {
      field(i);
      panel(roofline.panels().get(i));
    }
    field(roofline.panels().size());
    legend();
    return svg.toString();
  }

  private void field(int index) {
    append("<g transform=\"translate(%d %d)\">\n", index % COLUMNS * WIDTH, index / COLUMNS * HEIGHT);
  }

  private void panel(Panel panel) {
    append("<text class=\"name\" x=\"%d\" y=\"16\">%s</text>\n", LEFT, Html.escape(panel.title()));
    axes();
    roofline.peakFlops().forEach(this::roof);
    panel.marks().stream().sorted(Comparator.comparingDouble(Mark::shareOfStep).reversed()).forEach(this::mark);
    svg.append("</g>\n");
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
    append("<text class=\"soft\" x=\"%d\" y=\"%d\">GFLOP/s</text>\n", LEFT, TOP - 10);
    append("<text class=\"soft end\" x=\"%d\" y=\"%d\">FLOP for each byte of the least traffic</text>\n",
        RIGHT, BOTTOM + 38);
  }

  /** From the left or the lower edge up to the ridge, then level. */
  private void roof(String type, double flops) {
    double bandwidth = roofline.copyBytes() / GIGA;
    double start = Math.max(x.low(), y.low() / bandwidth);
    double peak = flops / GIGA;
    append("<path class=\"roof\" d=\"M%.1f %.1fL%.1f %.1fH%d\"/>",
        xOf(start), yOf(bandwidth * start), xOf(peak / bandwidth), yOf(peak), RIGHT);
    append("<text class=\"soft end\" x=\"%d\" y=\"%.1f\">%s</text>\n", RIGHT, yOf(peak) - 6, Html.escape(type));
  }

  private void mark(Mark mark) {
    double cx = Math.clamp(xOf(mark.intensity()), LEFT, RIGHT);
    double cy = Math.clamp(yOf(mark.flopsPerSecond() / GIGA), TOP, BOTTOM);
    append("<path class=\"mark %s\" d=\"%s\"><title>%s</title></path>\n",
        colour(mark.pass()), form(mark.family(), cx, cy, radius(mark)),
        Html.escape(Html.fill("%s, %s: %.1f GFLOP/s, %.2f FLOP/byte, %.2f %% of the step", mark.kernel(), mark.shape(),
            mark.flopsPerSecond() / GIGA, mark.intensity(), 100 * mark.shareOfStep())));
  }

  private String colour(String pass) {
    return StrategyStyle.of(roofline.passes().indexOf(pass));
  }

  /** In proportion to the root of the time, but never so small that it cannot be seen, nor so large that it hides. */
  private static double radius(Mark mark) {
    return Math.clamp(40 * Math.sqrt(mark.shareOfStep()), 2.2, 12);
  }

  private String form(String family, double cx, double cy, double r) {
    int index = roofline.families().indexOf(family) % (FORMS.length + 1);
    if (index == 0) {
      return Html.fill("M%.1f %.1fa%.1f %.1f 0 1 0 %.1f 0a%.1f %.1f 0 1 0 -%.1f 0z",
          cx - r, cy, r, r, 2 * r, r, r, 2 * r);
    }
    double[] corners = FORMS[index - 1];
    var path = new StringBuilder();
    for (int i = 0; i < corners.length; i += 2) {
      path.append(Html.fill("%s%.1f %.1f", i == 0 ? "M" : "L", cx + r * corners[i], cy + r * corners[i + 1]));
    }
    return path.append('z').toString();
  }

  private void legend() {
    var families = roofline.families();
    var passes = roofline.passes();
    int columns = RIGHT - passes.size() * LEGEND_COLUMN;
    for (int p = 0; p < passes.size(); p++) {
      append("<text class=\"tick\" x=\"%d\" y=\"%d\">%s</text>\n",
          columns + p * LEGEND_COLUMN + LEGEND_COLUMN / 2, TOP, Html.escape(passes.get(p)));
    }
    for (int f = 0; f < families.size(); f++) {
      int row = TOP + (f + 1) * LEGEND_ROW;
      append("<text x=\"%d\" y=\"%d\">%s</text>", LEFT, row + 4, Html.escape(families.get(f)));
      for (int p = 0; p < passes.size(); p++) {
        if (has(families.get(f), passes.get(p))) {
          append("<path class=\"sample %s\" d=\"%s\"/>", colour(passes.get(p)),
              form(families.get(f), columns + p * LEGEND_COLUMN + LEGEND_COLUMN / 2, row, 6));
        }
      }
      svg.append('\n');
    }
    notes(TOP + (families.size() + 2) * LEGEND_ROW);
    svg.append("</g>\n");
  }

  private boolean has(String family, String pass) {
    return roofline.marks().anyMatch(mark -> mark.family().equals(family) && mark.pass().equals(pass));
  }

  private void notes(int top) {
    var notes = List.of(
        "A mark is one kernel at one shape, its area the share of the step's time.",
        "Lines are the measured ceiling: peaks, and the slope of the bandwidth.",
        "Above the slope: operands came from a cache. On the edge: perhaps beyond it.");
    for (int i = 0; i < notes.size(); i++) {
      append("<text class=\"soft\" x=\"%d\" y=\"%d\">%s</text>\n", LEFT, top + 18 * i, Html.escape(notes.get(i)));
    }
  }

  private double xOf(double intensity) {
    return x.between(intensity, LEFT, RIGHT);
  }

  private double yOf(double gigaflops) {
    return y.between(gigaflops, BOTTOM, TOP);
  }

  private void append(String template, Object... arguments) {
    svg.append(Html.fill(template, arguments));
  }
}
