package io.github.densenet4j.internal.report;

import io.github.densenet4j.internal.io.Figures;
import java.util.ArrayList;
import java.util.List;

/**
 * A memory plan as SVG: arena address over program order. A buffer is a rectangle in the colour of its category, with
 * its name, size and lifetime as tooltip; neighbours of one category differ in shade.
 */
final class TimelineChart {
  static final int WIDTH = 1120;
  static final int HEIGHT = 620;
  private static final int LEFT = 78;
  private static final int RIGHT = WIDTH - 14;
  private static final int TOP = 84;
  private static final int BOTTOM = HEIGHT - 50;
  private static final int LEGEND_GAP = 44;

  /** About the width of a letter of the legend. */
  private static final double LETTER = 7.2;

  private static final int SHADES = 3;

  /** A phase that is narrower than its name takes the space before it. */
  private static final int NAME_WIDTH = 70;

  /** A flatter rectangle cannot be seen. */
  private static final double LEAST_HEIGHT = 0.1;

  /** Height and width from which on a rectangle has an edge. */
  private static final double EDGED = 3;

  private final TimelineData data;
  private final List<String> categories;
  private final int operations;
  private final StringBuilder svg = new StringBuilder();

  TimelineChart(TimelineData data) {
    this.data = data;
    categories = List.copyOf(data.categories().keySet());
    operations = data.operations();
  }

  /** The chart without an svg element around it, on a field of {@link #WIDTH} by {@link #HEIGHT}. */
  String content() {
    legend();
    axes();
    svg.append("<g class=\"buffers\">\n");
    int shade = 0;
    String before = "";
    for (var buffer : drawn()) {
      shade = buffer.category().equals(before) ? (shade + 1) % SHADES : 0;
      before = buffer.category();
      rectangle(buffer, shade);
    }
    svg.append("</g>\n");
    phases();
    peak();
    return svg.toString();
  }

  /** Buffers that are large enough to be seen, by address. */
  private List<TimelineData.Rectangle> drawn() {
    var drawn = new ArrayList<>(data.buffers());
    drawn.removeIf(buffer -> height(buffer) < LEAST_HEIGHT);
    drawn.sort((a, b) -> Long.compare(a.offset(), b.offset()));
    return drawn;
  }

  /** What the chart leaves out, as a sentence; empty if that is nothing. */
  String omissions() {
    var small = data.buffers().stream().filter(buffer -> height(buffer) < LEAST_HEIGHT).toList();
    if (small.isEmpty()) {
      return "";
    }
    long bytes = small.stream().mapToLong(TimelineData.Rectangle::bytes).sum();
    return "Buffers that are too small to be seen are left out: " + Figures.count(small.size()) + " of "
        + Figures.count(data.buffers().size()) + ", " + Figures.bytes(bytes) + " together.";
  }

  private static double round(double value) {
    return Math.round(value * 100) / 100.0;
  }

  private double x(double operation) {
    return round(LEFT + operation / operations * (RIGHT - LEFT));
  }

  private double y(double address) {
    return round(BOTTOM - address / data.totalBytes() * (BOTTOM - TOP));
  }

  private double height(TimelineData.Rectangle buffer) {
    return y(buffer.offset()) - y(buffer.offset() + buffer.bytes());
  }

  private void rectangle(TimelineData.Rectangle buffer, int shade) {
    double x = x(buffer.first());
    double y = y(buffer.offset() + buffer.bytes());
    double width = x(buffer.last() + 1) - x;
    double height = height(buffer);
    append("<rect class=\"m%d s%d%s\" x=\"%.2f\" y=\"%.2f\" width=\"%.2f\" height=\"%.2f\"><title>%s</title></rect>\n",
        categories.indexOf(buffer.category()), shade, width >= EDGED && height >= EDGED ? " edged" : "", x, y, width,
        height, Html.escape(describe(buffer)));
  }

  private String describe(TimelineData.Rectangle buffer) {
    String when =
        buffer.first() == buffer.last()
            ? "operation " + buffer.first()
            : "operations " + buffer.first() + " to " + buffer.last();
    return buffer.name() + ": " + Figures.bytes(buffer.bytes()) + " at " + Figures.bytes(buffer.offset()) + ", " + when
        + ", " + buffer.category();
  }

  private void legend() {
    int index = 0;
    double x = LEFT;
    for (var category : data.categories().entrySet()) {
      String size = Figures.bytes(category.getValue());
      append("<rect class=\"m%d\" x=\"%.1f\" y=\"6\" width=\"11\" height=\"11\"/>", index, x);
      append("<text x=\"%.1f\" y=\"16\">%s <tspan>%s</tspan></text>\n",
          x + 18, Html.escape(category.getKey()), size);
      x += LEGEND_GAP + LETTER * (category.getKey().length() + size.length());
      index++;
    }
  }

  private void axes() {
    var unit = Unit.of(data.totalBytes());
    var address = Axis.linear(0, (double) data.totalBytes() / unit.bytes);
    for (double tick : address.ticks()) {
      double y = y(tick * unit.bytes);
      if (y >= TOP) {
        append("<path class=\"grid\" d=\"M%d %.2fH%d\"/><text class=\"tick y\" x=\"%d\" y=\"%.2f\">%s</text>\n",
            LEFT, y, RIGHT, LEFT - 8, y + 4, address.labels().apply(tick));
      }
    }
    append("<text class=\"turned\" transform=\"translate(18 %d) rotate(-90)\">arena address, %s</text>\n",
        (TOP + BOTTOM) / 2, unit);
    append("<path class=\"axis\" d=\"M%d %dH%d\"/>\n", LEFT, BOTTOM, RIGHT);
    var order = Axis.epochs(0, operations);
    for (double tick : order.ticks()) {
      append("<path class=\"axis\" d=\"M%.2f %dv4\"/><text class=\"tick\" x=\"%.2f\" y=\"%d\">%s</text>\n",
          x(tick), BOTTOM, x(tick), BOTTOM + 18, order.labels().apply(tick));
    }
    append("<text class=\"tick\" x=\"%d\" y=\"%d\">operations, in the order of the program</text>\n",
        (LEFT + RIGHT) / 2, HEIGHT - 8);
  }

  private void phases() {
    int first = 0;
    for (var phase : data.phases()) {
      double from = x(first);
      first += phase.operations();
      double to = x(first);
      if (phase.operations() > 0) {
        boolean wide = to - from >= NAME_WIDTH;
        append("<path class=\"phase\" d=\"M%.2f 34V%d\"/><text class=\"%s\" x=\"%.2f\" y=\"46\">%s</text>\n",
            from, BOTTOM, wide ? "phase" : "phase narrow", wide ? (from + to) / 2 : from - 5,
            Html.escape(phase.name()));
      }
    }
  }

  private void peak() {
    double x = x(data.peak().index() + 0.5);
    boolean left = x > (LEFT + RIGHT) / 2.0;
    append("<path class=\"peak\" d=\"M%.2f 60V%d\"/><text class=\"%s\" x=\"%.2f\" y=\"72\">%s</text>\n",
        x, BOTTOM, left ? "peak end" : "peak", left ? x - 6 : x + 6,
        Html.escape("peak: " + Figures.bytes(data.peak().bytes()) + ", " + data.peak().operation()));
  }

  private void append(String template, Object... arguments) {
    svg.append(Html.fill(template, arguments));
  }

  /** The unit of the address axis. */
  private enum Unit {
    B(1L),
    KiB(1L << 10),
    MiB(1L << 20),
    GiB(1L << 30);

    private final long bytes;

    Unit(long bytes) {
      this.bytes = bytes;
    }

    static Unit of(long total) {
      var unit = B;
      for (var candidate : values()) {
        unit = total >= 2 * candidate.bytes ? candidate : unit;
      }
      return unit;
    }
  }
}
