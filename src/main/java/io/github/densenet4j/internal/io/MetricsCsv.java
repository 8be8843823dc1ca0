package io.github.densenet4j.internal.io;

import io.github.densenet4j.error.CheckpointException;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.DoubleStream;

/**
 * The table of a run's epochs, one line each under a header line. Numbers have seven significant digits, a point and no
 * exponent in every locale; NaN is an empty cell. Each change replaces the file atomically, so that it never ends in
 * half a line.
 *
 * <p>All methods throw {@link CheckpointException} if the file cannot be read or written, or holds something else.
 */
public final class MetricsCsv {
  /** The first line of the file. */
  public static final String HEADER =
      "epoch,train_loss,train_accuracy,held_out_loss,held_out_accuracy,learning_rate,images_per_second,seconds";

  private static final int CELLS = HEADER.split(",").length;
  private static final MathContext DIGITS = new MathContext(7);

  private final Path file;
  private final List<EpochMetrics> rows;

  private MetricsCsv(Path file, List<EpochMetrics> rows) {
    this.file = file;
    this.rows = rows;
  }

  /** Starts an empty table, replacing a file that is there. */
  public static MetricsCsv create(Path file) {
    var table = new MetricsCsv(file, new ArrayList<>());
    table.write();
    return table;
  }

  /**
   * Continues the table of an interrupted run: epochs beyond {@code lastEpoch}, which the resumed run will train again,
   * are removed from the file. A missing file counts as empty.
   *
   * @param lastEpoch the last complete epoch of the checkpoint, 0 if none
   */
  public static MetricsCsv resume(Path file, int lastEpoch) {
    List<EpochMetrics> rows = new ArrayList<>(Files.exists(file) ? read(file) : List.of());
    rows.removeIf(row -> row.epoch() > lastEpoch);
    var table = new MetricsCsv(file, rows);
    table.write();
    return table;
  }

  /** Reads the epochs of a file. */
  public static List<EpochMetrics> read(Path file) {
    try {
      InputFile.require(file);
      return parse(file, Files.readAllLines(file));
    } catch (IOException failure) {
      throw new CheckpointException("cannot read %s: %s".formatted(file, Wording.reason(failure)), failure);
    }
  }

  /** The epochs of the table. */
  public List<EpochMetrics> rows() {
    return List.copyOf(rows);
  }

  /**
   * Adds an epoch to the file.
   *
   * @throws IllegalArgumentException if it does not come after the last one
   */
  public void append(EpochMetrics row) {
    if (row.epoch() <= lastEpoch(rows)) {
      throw new IllegalArgumentException("epoch %d after epoch %d".formatted(row.epoch(), lastEpoch(rows)));
    }
    rows.add(row);
    write();
  }

  private void write() {
    AtomicFile.writeText(
        file, HEADER + "\n" + rows.stream().map(row -> line(row) + "\n").collect(Collectors.joining()));
  }

  private static String line(EpochMetrics row) {
    return row.epoch()
        + DoubleStream.of(
                row.trainLoss(),
                row.trainAccuracy(),
                row.heldOutLoss(),
                row.heldOutAccuracy(),
                row.learningRate(),
                row.imagesPerSecond(),
                row.seconds())
            .mapToObj(value -> "," + cell(value))
            .collect(Collectors.joining());
  }

  private static String cell(double value) {
    if (Double.isNaN(value)) {
      return "";
    }
    if (Double.isInfinite(value)) {
      return value > 0 ? "inf" : "-inf";
    }
    return new BigDecimal(value).round(DIGITS).stripTrailingZeros().toPlainString();
  }

  private static List<EpochMetrics> parse(Path file, List<String> lines) {
    if (lines.isEmpty() || !lines.getFirst().equals(HEADER)) {
      throw new CheckpointException("%s is no table of metrics: its first line is not %s".formatted(file, HEADER));
    }
    var rows = new ArrayList<EpochMetrics>();
    for (int i = 1; i < lines.size(); i++) {
      var row = row(file, i + 1, lines.get(i));
      if (row.epoch() <= lastEpoch(rows)) {
        throw new CheckpointException(
            "%s, line %d: epoch %d follows epoch %d, expected growing numbers"
                .formatted(file, i + 1, row.epoch(), lastEpoch(rows)));
      }
      rows.add(row);
    }
    return rows;
  }

  private static EpochMetrics row(Path file, int lineNumber, String line) {
    String[] cells = line.split(",", -1);
    if (cells.length != CELLS) {
      throw new CheckpointException(
          "%s, line %d: found %d cells, expected %d".formatted(file, lineNumber, cells.length, CELLS));
    }
    try {
      double[] v = new double[CELLS];
      for (int i = 1; i < CELLS; i++) {
        v[i] = value(cells[i]);
      }
      return new EpochMetrics(Integer.parseInt(cells[0]), v[1], v[2], v[3], v[4], v[5], v[6], v[7]);
    } catch (IllegalArgumentException failure) { // a NumberFormatException, or an epoch below 1
      throw new CheckpointException(
          "%s, line %d: %s is not an epoch and seven numbers".formatted(file, lineNumber, Wording.quoted(line)),
          failure);
    }
  }

  private static double value(String cell) {
    return switch (cell) {
      case "" -> Double.NaN;
      case "inf" -> Double.POSITIVE_INFINITY;
      case "-inf" -> Double.NEGATIVE_INFINITY;
      default -> new BigDecimal(cell).doubleValue();
    };
  }

  private static int lastEpoch(List<EpochMetrics> rows) {
    return rows.isEmpty() ? 0 : rows.getLast().epoch();
  }
}
