package io.github.densenet4j.internal.report;

import io.github.densenet4j.error.CheckpointException;
import io.github.densenet4j.internal.io.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.SequencedMap;

/**
 * What a night on a GPU machine has shown.
 *
 * @param time when it began, as in 2026-01-31T02:00:00Z
 * @param setting all that figures depend on besides the program, such as the GPU and the model
 * @param checks in the order in which they were made
 * @param figures in the order in which they were measured
 */
public record NightlyReport(
    String time, SequencedMap<String, String> setting, List<Check> checks, List<Figure> figures) {
  public NightlyReport {
    setting = new LinkedHashMap<>(setting);
    checks = List.copyOf(checks);
    figures = List.copyOf(figures);
  }

  /** How a check ended. */
  public enum Outcome {
    PASS,
    FAIL,
    SKIPPED
  }

  /** @param detail one sentence: what was done, what is wrong, or why it was not done */
  public record Check(String name, Outcome outcome, String detail) {}

  /** What a figure measures, and so whether more of it is better. */
  public enum Quantity {
    SPEED("images/s"),
    MEMORY("bytes");

    private final String unit;

    Quantity(String unit) {
      this.unit = unit;
    }

    public String unit() {
      return unit;
    }
  }

  public record Figure(String name, Quantity quantity, double value) {}

  public boolean pass() {
    return checks.stream().noneMatch(check -> check.outcome() == Outcome.FAIL);
  }

  /** Whether the figures of both mean the same. */
  boolean comparable(NightlyReport other) {
    return setting.equals(other.setting);
  }

  Optional<Figure> figure(String name) {
    return figures.stream().filter(figure -> figure.name().equals(name)).findFirst();
  }

  /** The same with one more check at its end. */
  public NightlyReport with(Check check) {
    var more = new ArrayList<>(checks);
    more.add(check);
    return new NightlyReport(time, setting, more, figures);
  }

  /** For {@link #read}. */
  public Map<String, Object> object() {
    var object = new LinkedHashMap<String, Object>();
    object.put("time", time);
    object.put("pass", pass());
    object.put("setting", setting);
    object.put("checks", checks.stream().map(NightlyReport::object).toList());
    object.put("figures", figures.stream().map(NightlyReport::object).toList());
    return object;
  }

  private static Map<String, Object> object(Check check) {
    var object = new LinkedHashMap<String, Object>();
    object.put("name", check.name());
    object.put("outcome", check.outcome().name());
    object.put("detail", check.detail());
    return object;
  }

  private static Map<String, Object> object(Figure figure) {
    var object = new LinkedHashMap<String, Object>();
    object.put("name", figure.name());
    object.put("quantity", figure.quantity().name());
    object.put("value", figure.value());
    return object;
  }

  /** @throws CheckpointException if the file is no report of this kind */
  public static NightlyReport read(Path file) {
    var object = Json.read(file);
    try {
      var setting = new LinkedHashMap<String, String>();
      objects(object.get("setting")).forEach((name, value) -> setting.put(name, (String) value));
      return new NightlyReport(
          text(object, "time"), setting,
          list(object.get("checks")).stream()
              .map(c -> new Check(text(c, "name"), Outcome.valueOf(text(c, "outcome")), text(c, "detail")))
              .toList(),
          list(object.get("figures")).stream()
              .map(f -> new Figure(text(f, "name"), Quantity.valueOf(text(f, "quantity")), number(f.get("value"))))
              .toList());
    } catch (ClassCastException | NullPointerException | IllegalArgumentException e) {
      throw new CheckpointException(file + " is not a nightly report: name one that densenet4j nightly wrote", e);
    }
  }

  private static List<Map<?, ?>> list(Object value) {
    return ((List<?>) value).stream().<Map<?, ?>>map(Map.class::cast).toList();
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> objects(Object value) {
    return (Map<String, Object>) value;
  }

  private static String text(Map<?, ?> object, String name) {
    return Objects.requireNonNull((String) object.get(name));
  }

  /** JSON has no NaN: it writes null. */
  private static double number(Object value) {
    return value == null ? Double.NaN : ((Number) value).doubleValue();
  }
}
