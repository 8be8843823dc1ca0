package io.github.densenet4j.data;

import de.siegmar.fastcsv.reader.CsvParseException;
import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.reader.FieldMismatchStrategy;
import io.github.densenet4j.data.ImageFiles.Columns;
import io.github.densenet4j.error.DataException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;

/**
 * A table in a CSV file: a line of column names, then one image a line, with its path and what is seen on it. Every row
 * is read in full, with all its findings; what becomes of rows without exactly one is decided afterwards.
 */
final class LabelTable {
  private final Path file;
  private final Columns columns;
  private final List<String> names; // of the columns
  private final int path;
  private final int split; // -1 if there is none
  private final int group; // -1 if there is none
  private final FindingCells findings;

  private LabelTable(Path file, Columns columns, List<String> names, List<String> classNames) {
    this.file = file;
    this.columns = columns;
    this.names = names;
    path = columns.path().isEmpty() ? 0 : column(columns.path());
    split = columns.split().isEmpty() ? -1 : column(columns.split());
    group = columns.group().isEmpty() ? -1 : column(columns.group());
    findings = findings(classNames);
  }

  /**
   * Reads a table.
   *
   * @param classNames by label; empty: the columns' names, or the labels in order
   * @throws DataException if the file cannot be read, or is not as {@code columns} says
   */
  static LabelledParts read(Path file, Columns columns, List<String> classNames) {
    if (!Files.isRegularFile(file)) {
      throw new DataException(
          "%s is %s, expected a CSV file; check the name."
              .formatted(file, Files.exists(file) ? "not a file" : "missing"));
    }
    try (var records = CsvReader.builder()
        .detectBomHeader(true)
        .missingFieldStrategy(FieldMismatchStrategy.IGNORE)
        .extraFieldStrategy(FieldMismatchStrategy.IGNORE)
        .ofCsvRecord(file)) {
      var rows = records.iterator();
      if (!rows.hasNext()) {
        throw new DataException("%s is empty, expected a line of column names and a line an image.".formatted(file));
      }
      var names = rows.next().getFields().stream().map(String::strip).toList();
      if (names.stream().anyMatch(LabelTable::hasControls)) {
        throw new DataException(
            "%s has a column whose name has a control character, such as a line break.".formatted(file));
      }
      return new LabelTable(file, columns, names, classNames).parts(rows);
    } catch (IOException e) {
      throw new DataException("%s cannot be read (%s), check its permissions.".formatted(file, e), e);
    } catch (UncheckedIOException e) {
      throw new DataException("%s cannot be read (%s).".formatted(file, e.getCause()), e.getCause());
    } catch (CsvParseException e) {
      String reason = e.getCause() == null ? e.getMessage() : e.getCause().getMessage();
      throw new DataException("%s is no CSV file: %s.".formatted(file, reason.replaceAll("\\p{Cntrl}+", " ")), e);
    }
  }

  private int column(String name) {
    int found = names.indexOf(name);
    if (found < 0) {
      throw new DataException(
          "%s has no column %s, its columns are %s.".formatted(file, name, String.join(", ", names)));
    }
    return found;
  }

  /** Without a word about labels: of two columns the other one, of more all others as one a label. */
  private FindingCells findings(List<String> classNames) {
    if (!columns.label().isEmpty()) {
      return FindingCells.words(column(columns.label()), classNames);
    }
    if (!columns.labels().isEmpty()) {
      int[] places = columns.labels().stream().mapToInt(this::column).toArray();
      return FindingCells.numbers(places, columns.labels(), columns.uncertain(), classNames);
    }
    var others = names.stream().filter(name -> isLabel(names.indexOf(name))).toList();
    if (others.isEmpty()) {
      throw new DataException("%s has no column of labels, its columns are %s."
          .formatted(file, String.join(", ", names)));
    }
    return others.size() == 1
        ? FindingCells.words(column(others.getFirst()), classNames)
        : FindingCells.numbers(
            others.stream().mapToInt(this::column).toArray(), others, columns.uncertain(), classNames);
  }

  private boolean isLabel(int place) {
    return place != path && place != split && place != group;
  }

  private LabelledParts parts(Iterator<CsvRecord> records) {
    var rows = new TableRows(file, columns);
    while (records.hasNext()) {
      add(records.next(), rows);
    }
    var order = findings.order();
    return rows.parts(findings.classNames(order), label -> order[label]);
  }

  private void add(CsvRecord row, TableRows rows) {
    long line = row.getStartingLineNumber();
    if (row.getFieldCount() != names.size()) {
      throw new DataException(
          "%s, line %d has %d fields, expected %d as in the first line."
              .formatted(file, line, row.getFieldCount(), names.size()));
    }
    try {
      String image = image(row);
      var found = findings.of(place -> cell(row, place));
      rows.add(line, image, found, split < 0 ? "" : cell(row, split), group < 0 ? "" : cell(row, group));
    } catch (DataException fault) {
      throw new DataException("%s, line %d: %s".formatted(file, line, fault.getMessage()), fault);
    }
  }

  private String image(CsvRecord row) {
    String image = cell(row, path);
    if (image.isEmpty()) {
      throw new DataException("no image is named in column %s.".formatted(names.get(path)));
    }
    try {
      return Path.of(image).toString();
    } catch (InvalidPathException e) {
      throw new DataException("column %s has no path (%s).".formatted(names.get(path), e.getReason()), e);
    }
  }

  private String cell(CsvRecord row, int place) {
    String text = row.getField(place).strip();
    if (hasControls(text)) {
      throw new DataException(
          "column %s has a control character, such as a line break.".formatted(names.get(place)));
    }
    return text;
  }

  private static boolean hasControls(String text) {
    return text.chars().anyMatch(Character::isISOControl);
  }
}
