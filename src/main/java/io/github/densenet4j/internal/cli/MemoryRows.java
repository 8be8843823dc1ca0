package io.github.densenet4j.internal.cli;

import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.memory.ArenaPlan;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;

/** A memory plan by category, for people and as JSON. */
final class MemoryRows {
  private MemoryRows() {}

  /** Adds the rows of a two-column table. */
  static void add(Table table, SequencedMap<String, Long> bytes, long total) {
    String first = "memory";
    for (var entry : bytes.entrySet()) {
      table.row(first, line(entry.getKey(), entry.getValue()));
      first = "";
    }
    table.row("", line("total", total));
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
