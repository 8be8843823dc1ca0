package io.github.densenet4j.internal.cli;

import io.github.densenet4j.internal.io.Figures;
import io.github.densenet4j.internal.io.Json;
import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** What {@code doctor} has found: facts about parts of the computer, and whether each device works. */
final class Findings {
  /** The verdict on a device that has computed. */
  static final String READY = "ready";

  private static final String DEVICES = "devices";
  private static final String BYTES = "_bytes";

  private final Map<String, Map<String, Object>> parts = new LinkedHashMap<>();
  private final Map<String, Object> devices = new LinkedHashMap<>();

  /** The facts about a part; they are shown in the order in which they are put there. */
  Map<String, Object> part(String name) {
    return parts.computeIfAbsent(name, _ -> new LinkedHashMap<>());
  }

  /** @param verdict {@link #READY}, or one sentence with the remedy */
  void judge(String device, String verdict) {
    devices.put(device, verdict);
  }

  boolean ready(String device) {
    return READY.equals(devices.get(device));
  }

  String json() {
    var object = new LinkedHashMap<String, Object>();
    object.put("version", Version.current());
    object.putAll(parts);
    object.put(DEVICES, devices);
    return Json.toText(object);
  }

  void print(PrintStream out) {
    var table =
        new Table(Table.Align.LEFT, Table.Align.LEFT, Table.Align.LEFT)
            .row("densenet4j", "version", Version.current());
    parts.forEach((part, facts) -> rows(table, part, facts));
    rows(table, DEVICES, devices);
    table.print(out);
  }

  private static void rows(Table table, String part, Map<String, Object> facts) {
    String label = part.replace('_', ' ');
    for (var fact : facts.entrySet()) {
      table.row(label, fact.getKey().replace(BYTES, "").replace('_', ' '), text(fact.getKey(), fact.getValue()));
      label = "";
    }
  }

  private static String text(String name, Object value) {
    return switch (value) {
      case null -> "none";
      case Long bytes when name.endsWith(BYTES) -> Figures.bytes(bytes);
      case List<?> values -> values.isEmpty() ? "none" : joined(values.stream().map(each -> text(name, each)).toList());
      case Map<?, ?> verdict when verdict.containsKey(StrategyVerdict.REASON) ->
          text(name, verdict.get(StrategyVerdict.REASON));
      case Map<?, ?> facts ->
          joined(facts.entrySet().stream().map(fact -> detail((String) fact.getKey(), fact.getValue())).toList());
      default -> value.toString();
    };
  }

  /** A fact in a row with others. What is missing, and the remedy, is the verdict's to say. */
  private static String detail(String name, Object value) {
    return switch (name) {
      case "compute_capability" -> "compute capability " + value;
      case "cuda_version" -> "CUDA " + value;
      case "missing" -> "not found";
      case "ordinal" -> value + ":";
      default -> text(name, value);
    };
  }

  private static String joined(List<String> texts) {
    return texts.stream().collect(Collectors.joining(", ")).replace(":,", ":");
  }
}
