package io.github.densenet4j.internal.report;

import java.util.List;
import java.util.function.DoubleFunction;

/**
 * A chart of values over epochs as inline SVG. Its head line is the legend and shows the last values; pointing at an
 * epoch shows the values there instead, without a script.
 */
final class LineChart {
  private static final int WIDTH = 560;
  private static final int HEIGHT = 300;
  private static final int RIGHT = WIDTH - 12;
  private static final int TOP = 34;
  private static final int BOTTOM = HEIGHT - 30;
  private static final int MOST_DOTS = 40;
  private static final int LEGEND_PITCH = 190;
  private static final int LEAST_LEFT = 56;

  /** Of a digit of a label on a phone, where letters are larger. */
  private static final int DIGIT = 9;

  private final String title;
  private final int[] epochs;
  private final List<Series> series;
  private final Axis x;
  private final Axis y;
  private final DoubleFunction<String> figures;
  private final int left;
  private final StringBuilder svg = new StringBuilder();

  /**
   * One line of the chart.
   *
   * @param name what the legend says
   * @param style the CSS class that colours it
   * @param values one value an epoch; those that are not finite leave a gap
   */
  record Series(String name, String style, double[] values) {}

  /** {@code figures} writes the values of the legend. */
  LineChart(String title, int[] epochs, List<Series> series, Axis y, DoubleFunction<String> figures) {
    this.title = title;
    this.epochs = epochs;
    this.series = series;
    this.x = Axis.epochs(epochs[0], epochs[epochs.length - 1]);
    this.y = y;
    this.figures = figures;
    int longest = y.ticks().stream().mapToInt(tick -> y.labels().apply(tick).length()).max().orElse(0);
    left = Math.max(LEAST_LEFT, DIGIT * longest + 12);
  }

  String svg() {
    append("<svg class=\"chart\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n",
        WIDTH, HEIGHT, Html.escape(title + " by epoch; " + describe(epochs.length - 1)));
    axes();
    series.forEach(this::line);
    legend();
    append("<g class=\"last\">");
    readout(epochs.length - 1);
    append("</g>\n");
    for (int i = 0; i < epochs.length; i++) {
      epoch(i);
    }
    return svg.append("</svg>").toString();
  }

  private void axes() {
    for (double tick : y.ticks()) {
      append("<path class=\"grid\" d=\"M%d %.1fH%d\"/><text class=\"tick y\" x=\"%d\" y=\"%.1f\">%s</text>\n",
          left, yOf(tick), RIGHT, left - 8, yOf(tick) + 4, y.labels().apply(tick));
    }
    append("<path class=\"axis\" d=\"M%d %dH%d\"/>\n", left, BOTTOM, RIGHT);
    for (double tick : x.ticks()) {
      append("<path class=\"axis\" d=\"M%.1f %dv4\"/><text class=\"tick\" x=\"%.1f\" y=\"%d\">%s</text>\n",
          xOf(tick), BOTTOM, xOf(tick), BOTTOM + 18, x.labels().apply(tick));
    }
  }

  private void line(Series one) {
    var path = new StringBuilder();
    boolean pen = false;
    for (int i = 0; i < epochs.length; i++) {
      boolean finite = Double.isFinite(one.values()[i]);
      if (finite) {
        path.append(Html.fill("%s%.1f %.1f", pen ? "L" : "M", xOf(epochs[i]), yOf(one.values()[i])));
      }
      pen = finite;
    }
    append("<path class=\"line %s\" d=\"%s\"/>\n", one.style(), path);
    for (int i = 0; i < epochs.length && epochs.length <= MOST_DOTS; i++) {
      dot(one, i);
    }
  }

  private void dot(Series one, int i) {
    if (Double.isFinite(one.values()[i])) {
      append("<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"3\"/>",
          one.style(), xOf(epochs[i]), yOf(one.values()[i]));
    }
  }

  private void legend() {
    for (int s = 0; s < series.size(); s++) {
      append("<path class=\"line %s\" d=\"M%d 12h16\"/>", series.get(s).style(), legendX(s));
    }
  }

  /** The texts of the head line for one epoch: the values of the series, and the epoch's number. */
  private void readout(int i) {
    append("<text class=\"epoch\" x=\"%d\" y=\"16\">epoch %d</text>", RIGHT, epochs[i]);
    for (int s = 0; s < series.size(); s++) {
      append("<text x=\"%d\" y=\"16\">%s <tspan>%s</tspan></text>",
          legendX(s) + 22, Html.escape(series.get(s).name()), figures.apply(series.get(s).values()[i]));
    }
  }

  /** The strip around an epoch that reacts to the pointer. */
  private void epoch(int i) {
    double from = i == 0 ? left : (xOf(epochs[i - 1]) + xOf(epochs[i])) / 2;
    double to = i == epochs.length - 1 ? RIGHT : (xOf(epochs[i]) + xOf(epochs[i + 1])) / 2;
    append("<g class=\"hit\"><title>%s</title><rect x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\"/>",
        Html.escape(describe(i)), from, TOP, to - from, BOTTOM - TOP);
    append("<path class=\"axis\" d=\"M%.1f %dV%d\"/>", xOf(epochs[i]), TOP, BOTTOM);
    for (var one : series) {
      dot(one, i);
    }
    readout(i);
    append("</g>\n");
  }

  private String describe(int i) {
    var text = new StringBuilder("epoch " + epochs[i]);
    for (var one : series) {
      text.append(", ").append(one.name()).append(' ').append(figures.apply(one.values()[i]));
    }
    return text.toString();
  }

  private int legendX(int s) {
    return left + s * LEGEND_PITCH;
  }

  private double xOf(double epoch) {
    return x.between(epoch, left, RIGHT);
  }

  private double yOf(double value) {
    return y.between(value, BOTTOM, TOP);
  }

  private void append(String template, Object... arguments) {
    svg.append(Html.fill(template, arguments));
  }
}
