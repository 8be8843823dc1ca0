package io.github.densenet4j.cli;

import io.github.densenet4j.io.Figures;
import io.github.densenet4j.memory.MemoryPlan;
import io.github.densenet4j.tensor.Category;
import java.util.Locale;

/** A memory plan as rows of a two-column table. */
final class MemoryRows {
  private MemoryRows() {}

  static void add(Table table, MemoryPlan plan) {
    var bytes = plan.bytesByCategory();
    for (var category : Category.values()) {
      table.row(category.ordinal() == 0 ? "memory" : "", line(category.label(), bytes.get(category)));
    }
    table.row("", line("total", plan.totalBytes()));
  }

  static String line(String label, long bytes) {
    return String.format(Locale.ROOT, "%-12s %10s", label, Figures.bytes(bytes));
  }
}
