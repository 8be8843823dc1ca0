package io.github.densenet4j.cli;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;

/** Prints rows of texts: a title, then figures. */
final class BenchTable {
  private BenchTable() {}

  static void print(List<List<String>> rows, PrintStream out) {
    var columns = new Table.Align[rows.getFirst().size()];
    Arrays.fill(columns, Table.Align.RIGHT);
    columns[0] = Table.Align.LEFT;
    var table = new Table(columns);
    rows.forEach(row -> table.row(row.toArray(String[]::new)));
    table.print(out);
  }
}
