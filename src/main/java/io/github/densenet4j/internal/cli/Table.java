package io.github.densenet4j.internal.cli;

import java.io.PrintStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** Rows of cells, aligned in columns. */
final class Table {
  /** How a column's cells lie. */
  enum Align {
    LEFT,
    RIGHT
  }

  private static final String GAP = "  ";

  private final Align[] columns;
  private final List<String[]> rows = new ArrayList<>();

  Table(Align... columns) {
    this.columns = columns;
  }

  /** Rows of texts as a table: a title to the left, then figures to the right. */
  static Table figures(List<List<String>> rows) {
    var columns = new Align[rows.getFirst().size()];
    Arrays.fill(columns, Align.RIGHT);
    columns[0] = Align.LEFT;
    var table = new Table(columns);
    rows.forEach(row -> table.row(row.toArray(String[]::new)));
    return table;
  }

  /** A figure as a cell. */
  static String oneDigit(double value) {
    return String.format(Locale.ROOT, "%.1f", value);
  }

  /** Adds a row; cells that are not given are empty. */
  Table row(String... cells) {
    if (cells.length > columns.length) {
      throw new IllegalArgumentException(cells.length + " cells for " + columns.length + " columns");
    }
    rows.add(cells);
    return this;
  }

  /** Adds a text as rows under one title, broken at spaces so that no line of the table is longer if that can be. */
  Table paragraph(String title, String text, int titleColumns, int lineColumns) {
    int room = lineColumns - titleColumns - GAP.length();
    String rest = text;
    String first = title;
    while (rest.length() > room && rest.indexOf(' ') >= 0) {
      int end = rest.lastIndexOf(' ', room);
      if (end < 0) {
        end = rest.indexOf(' ');
      }
      row(first, rest.substring(0, end));
      rest = rest.substring(end + 1);
      first = "";
    }
    return row(first, rest);
  }

  void print(PrintStream out) {
    var widths = new int[columns.length];
    for (var row : rows) {
      for (int i = 0; i < row.length; i++) {
        widths[i] = Math.max(widths[i], row[i].length());
      }
    }
    for (var row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < row.length; i++) {
        String space = " ".repeat(widths[i] - row[i].length());
        line.append(i == 0 ? "" : GAP).append(columns[i] == Align.LEFT ? row[i] + space : space + row[i]);
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
