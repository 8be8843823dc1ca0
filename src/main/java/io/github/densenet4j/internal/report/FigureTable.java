package io.github.densenet4j.internal.report;

import java.util.List;

/** Rows of texts as an HTML table; the first row and the first column are titles. */
final class FigureTable {
  private FigureTable() {}

  static String html(List<List<String>> rows) {
    var html = new StringBuilder("<div class=\"scroll\"><table class=\"figures\">\n<thead><tr>");
    rows.getFirst().forEach(title -> html.append(Html.fill("<th scope=\"col\">%s</th>", Html.escape(title))));
    html.append("</tr></thead>\n<tbody>\n");
    for (var row : rows.subList(1, rows.size())) {
      html.append(Html.fill("<tr><th scope=\"row\">%s</th>", Html.escape(row.getFirst())));
      row.subList(1, row.size()).forEach(cell -> html.append(Html.fill("<td>%s</td>", Html.escape(cell))));
      html.append("</tr>\n");
    }
    return html.append("</tbody></table></div>\n").toString();
  }
}
