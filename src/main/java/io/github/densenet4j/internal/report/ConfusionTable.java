package io.github.densenet4j.internal.report;

import io.github.densenet4j.internal.io.Figures;

/** The confusion matrix of few classes: a table with the counts in shaded cells and each class's recall. */
final class ConfusionTable {
  /** From this shade on, dark text on the cell would be hard to read. */
  private static final double DARK = 0.6;

  /** With more classes than this, columns are narrower. */
  private static final int MOST_WIDE = 12;

  private final Confusion confusion;
  private final StringBuilder html = new StringBuilder();

  ConfusionTable(Confusion confusion) {
    this.confusion = confusion;
  }

  String html() {
    append("""
        <div class="scroll"><table class="confusion%s">
        <thead><tr><th scope="col">true \\ predicted</th>""", confusion.classes() > MOST_WIDE ? " narrow" : "");
    for (String name : confusion.classNames()) {
      append("<th scope=\"col\" class=\"predicted\"><span>%s</span></th>", Html.escape(name));
    }
    html.append("""
        <th scope="col" class="sum">images</th><th scope="col" class="recall" colspan="2">recall</th></tr></thead>
        <tbody>
        """);
    for (int actual = 0; actual < confusion.classes(); actual++) {
      row(actual);
    }
    return html.append("</tbody></table></div>\n").toString();
  }

  private void row(int actual) {
    long images = confusion.images(actual);
    append("<tr><th scope=\"row\">%s</th>", Html.escape(confusion.classNames().get(actual)));
    for (int predicted = 0; predicted < confusion.classes(); predicted++) {
      cell(actual, predicted, images);
    }
    double recall = confusion.recall(actual);
    append("<td class=\"sum\">%s</td><td class=\"recall\">%s</td><td>%s</td></tr>\n",
        Figures.count(images), Figures.percent(recall), bar(recall));
  }

  private void cell(int actual, int predicted, long images) {
    long count = confusion.counts()[actual][predicted];
    if (count == 0) {
      append("<td class=\"cell zero\">0</td>");
      return;
    }
    double shade = shade(count, images);
    append("<td class=\"cell %s%s\" style=\"--shade:%.3f\" title=\"%s\">%s</td>",
        actual == predicted ? "right" : "wrong", shade > DARK ? " dark" : "", shade,
        describe(confusion, actual, predicted, images), Figures.count(count));
  }

  private void append(String template, Object... arguments) {
    html.append(Html.fill(template, arguments));
  }

  /** How strongly a cell is coloured, 0 to 1: the root of its share of the row, so that rare mistakes show. */
  static double shade(long count, long images) {
    return Math.sqrt((double) count / images);
  }

  /** An escaped sentence on one cell. */
  static String describe(Confusion confusion, int actual, int predicted, long images) {
    long count = confusion.counts()[actual][predicted];
    return Html.escape(
        "%s taken for %s: %s of %s (%s)"
            .formatted(
                confusion.classNames().get(actual), confusion.classNames().get(predicted),
                Figures.count(count), Figures.count(images), Figures.percent((double) count / images)));
  }

  /** A share of 0 to 1 as a small bar; empty for NaN. */
  static String bar(double share) {
    return Double.isNaN(share)
        ? ""
        : Html.fill("<span class=\"bar\"><span style=\"width:%.1f%%\"></span></span>", 100 * share);
  }
}
