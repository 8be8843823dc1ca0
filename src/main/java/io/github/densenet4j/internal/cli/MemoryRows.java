package io.github.densenet4j.internal.cli;

import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.tensor.Category;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A memory plan by category, for people and as JSON. */
final class MemoryRows {
  private MemoryRows() {}

  /** Adds the rows of a two-column table. */
  static void add(Table table, ArenaPlan plan) {
    var bytes = plan.bytesByCategory();
    for (var category : Category.values()) {
      table.row(category.ordinal() == 0 ? "memory" : "", line(category.label(), bytes.get(category)));
    }
    table.row("", line("total", plan.totalBytes()));
  }

  static Map<String, Object> object(ArenaPlan plan) {
    var object = new LinkedHashMap<String, Object>(plan.bytesByLabel());
    object.put("total", plan.totalBytes());
    return object;
  }

  static String line(String label, long bytes) {
    return String.format(Locale.ROOT, "%-12s %10s", label, Figures.bytes(bytes));
  }
}
