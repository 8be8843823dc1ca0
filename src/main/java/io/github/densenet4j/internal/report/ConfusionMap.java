package io.github.densenet4j.internal.report;

import io.github.densenet4j.internal.io.Figures;
import java.util.Comparator;
import java.util.stream.IntStream;

/** The confusion matrix of many classes: a picture without numbers, then the classes from the lowest recall up. */
final class ConfusionMap {
  private static final int SIDE = 720;
  private static final int MARGIN = 40;
  private static final int NAME_MARGIN = 130;
  private static final int MOST_NAMES = 50;
  private static final int MOST_TITLES = 200;
  private static final int LONGEST_NAME = 18;
  private static final double SMALLEST_CELL = 2.5;

  private final Confusion confusion;
  private final int classes;
  private final double pitch;
  private final int margin;
  private final StringBuilder html = new StringBuilder();

  ConfusionMap(Confusion confusion) {
    this.confusion = confusion;
    this.classes = confusion.classes();
    this.pitch = (double) SIDE / classes;
    this.margin = classes <= MOST_NAMES ? NAME_MARGIN : MARGIN;
  }

  String html() {
    append("<svg class=\"map\" viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"Confusion matrix of %d classes\">\n",
        margin + SIDE + 2, margin + SIDE + 2, classes);
    labels();
    append("<g transform=\"translate(%d %d) scale(%.5f)\">\n", margin, margin, pitch);
    for (int actual = 0; actual < classes; actual++) {
      row(actual);
    }
    append("</g>\n<rect class=\"frame\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/></svg>\n",
        margin, margin, SIDE, SIDE);
    recalls();
    return html.toString();
  }

  private void row(int actual) {
    long images = confusion.images(actual);
    double side = Math.max(1, SMALLEST_CELL / pitch); // in cells: tiny ones may overlap but stay visible
    for (int predicted = 0; predicted < classes; predicted++) {
      long count = confusion.counts()[actual][predicted];
      if (count > 0) {
        String title = classes > MOST_TITLES
            ? ""
            : "<title>" + ConfusionTable.describe(confusion, actual, predicted, images) + "</title>";
        append("<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.2f\" height=\"%.2f\" fill-opacity=\"%.2f\">%s</rect>\n",
            actual == predicted ? "right" : "wrong", predicted, actual, side, side,
            ConfusionTable.shade(count, images), title);
      }
    }
  }

  private void labels() {
    int step = classes <= MOST_NAMES ? 1 : classes <= 250 ? 10 : 100;
    for (int c = 0; c < classes; c += step) {
      double middle = margin + (c + 0.5) * pitch;
      String label = classes <= MOST_NAMES ? shorten(confusion.classNames().get(c)) : Integer.toString(c);
      append("<text class=\"tick y\" x=\"%d\" y=\"%.1f\">%s</text>", margin - 6, middle + 4, Html.escape(label));
      append(step == 1
              ? "<text class=\"turned\" transform=\"translate(%.1f %d) rotate(-90)\">%s</text>\n"
              : "<text class=\"tick\" x=\"%.1f\" y=\"%d\">%s</text>\n",
          middle + (step == 1 ? 4 : 0), margin - 6, Html.escape(label));
    }
  }

  private void recalls() {
    html.append("<h3>Recall, lowest first</h3>\n<ol class=\"recalls\">\n");
    IntStream.range(0, classes)
        .boxed()
        .sorted(Comparator.comparingDouble(confusion::recall))
        .forEach(c ->
            append("<li><span class=\"index\">%d</span><span class=\"name\">%s</span>%s<span>%s</span></li>\n",
                c, Html.escape(confusion.classNames().get(c)), ConfusionTable.bar(confusion.recall(c)),
                Figures.percent(confusion.recall(c))));
    html.append("</ol>\n");
  }

  private void append(String template, Object... arguments) {
    html.append(Html.fill(template, arguments));
  }

  private static String shorten(String name) {
    return name.codePointCount(0, name.length()) <= LONGEST_NAME
        ? name
        : name.substring(0, name.offsetByCodePoints(0, LONGEST_NAME - 1)) + "…";
  }
}
