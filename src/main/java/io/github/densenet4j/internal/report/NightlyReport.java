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
 * @param beside ours and other programs on the same network, for people: nothing is compared with earlier ones
 */
public record NightlyReport(
    String time, SequencedMap<String, String> setting, List<Check> checks, List<Figure> figures,
    List<Measured> beside) {
  public NightlyReport {
    setting = new LinkedHashMap<>(setting);
    checks = List.copyOf(checks);
    figures = List.copyOf(figures);
    beside = List.copyOf(beside);
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
    MEMORY("bytes"),
    /** Bytes that were measured, not planned; they depend on drivers and libraries and are not compared. */
    BESIDES("bytes");

    private final String unit;

    Quantity(String unit) {
      this.unit = unit;
    }

    public String unit() {
      return unit;
    }
  }

  /** @param arithmetic what convolutions multiplied: fp32, TF32 or bf16 */
  public record Figure(String name, String arithmetic, Quantity quantity, double value) {
    /** Both, for people. */
    String title() {
      return name + ", " + arithmetic;
    }
  }

  /**
   * A program that trained the network.
   *
   * @param program its name, version and way to compute
   * @param arithmetic as of a figure
   * @param bytes of the device, for tensors; NaN if not known
   */
  public record Measured(String program, String arithmetic, double imagesPerSecond, double bytes) {
    /** @throws CheckpointException if the object is not what {@link #object} gives */
    public static Measured of(Map<?, ?> object) {
      try {
        return new Measured(
            text(object, "program"), text(object, "arithmetic"), number(object.get("images_per_second")),
            number(object.get("bytes")));
      } catch (ClassCastException | NullPointerException e) {
        throw new CheckpointException("a measurement has other keys or values than expected: " + object, e);
      }
    }

    Map<String, Object> object() {
      var object = new LinkedHashMap<String, Object>();
      object.put("program", program);
      object.put("arithmetic", arithmetic);
      object.put("images_per_second", imagesPerSecond);
      object.put("bytes", bytes);
      return object;
    }
  }

  public boolean pass() {
    return checks.stream().noneMatch(check -> check.outcome() == Outcome.FAIL);
  }

  /** Whether the figures of both mean the same. */
  boolean comparable(NightlyReport other) {
    return setting.equals(other.setting);
  }

  /** The figure of the same name and arithmetic. */
  Optional<Figure> like(Figure other) {
    return figures.stream().filter(figure -> figure.title().equals(other.title())).findFirst();
  }

  /** The same with one more check at its end. */
  public NightlyReport with(Check check) {
    var more = new ArrayList<>(checks);
    more.add(check);
    return new NightlyReport(time, setting, more, figures, beside);
  }

  /** For {@link #read}. */
  public Map<String, Object> object() {
    var object = new LinkedHashMap<String, Object>();
    object.put("time", time);
    object.put("pass", pass());
    object.put("setting", setting);
    object.put("checks", checks.stream().map(NightlyReport::object).toList());
    object.put("figures", figures.stream().map(NightlyReport::object).toList());
    object.put("beside", beside.stream().map(Measured::object).toList());
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
    object.put("arithmetic", figure.arithmetic());
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
          list(object.get("figures")).stream().map(NightlyReport::figure).toList(),
          list(object.get("beside")).stream().map(Measured::of).toList());
    } catch (ClassCastException | NullPointerException | IllegalArgumentException e) {
      throw new CheckpointException(file + " is not a nightly report: name one that densenet4j nightly wrote", e);
    }
  }

  private static Figure figure(Map<?, ?> object) {
    return new Figure(
        text(object, "name"), text(object, "arithmetic"), Quantity.valueOf(text(object, "quantity")),
        number(object.get("value")));
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
