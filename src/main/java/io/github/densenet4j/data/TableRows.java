package io.github.densenet4j.data;

import io.github.densenet4j.data.ImageFiles.Columns;
import io.github.densenet4j.error.DataException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** The rows of a table so far, with at most one class each. */
final class TableRows {
  private static final Set<String> TRAINING = Set.of("train", "training");
  private static final Set<String> VALIDATION = Set.of("val", "valid", "validation", "dev");
  private static final String TEST = "test";
  private static final String SINGLE_ONLY = "Columns.singleOnly";

  /** Labels of rows that have no class, or not exactly one. */
  private static final int NONE = -1;

  private final Path table;
  private final Columns columns;
  private final FileList files = new FileList();
  private final IntStream.Builder labels = IntStream.builder();
  private final IntStream.Builder lines = IntStream.builder();
  private final IntStream.Builder groups = IntStream.builder();
  private final IntStream.Builder parts = IntStream.builder(); // 0 training, 1 validation, 2 test
  private final Map<String, Integer> groupNumbers = new HashMap<>();
  private final int folder;
  private int others;
  private String firstOther = "";

  TableRows(Path table, Columns columns) {
    this.table = table;
    this.columns = columns;
    folder = files.addFolder(columns.folder().orElseGet(() -> table.toAbsolutePath().getParent()));
  }

  /**
   * @param found the classes seen
   * @param part in which it is to be, empty without a column of them
   * @param group that it belongs to, empty without a column of them
   * @throws DataException if the part is none; without file and line
   */
  void add(long line, String image, int[] found, String part, String group) {
    boolean usable = found.length == 1 && found[0] != FindingCells.UNKNOWN;
    if (!usable && others++ == 0) {
      firstOther =
          "line %d with %s".formatted(
              line,
              found.length == 0
                  ? "none"
                  : Arrays.stream(found).anyMatch(c -> c == FindingCells.UNKNOWN) ? "uncertain ones"
                      : found.length + " classes");
    }
    files.add(folder, image);
    labels.add(usable ? found[0] : NONE);
    lines.add((int) Math.min(line, Integer.MAX_VALUE));
    groups.add(groupNumbers.computeIfAbsent(group, _ -> groupNumbers.size()));
    parts.add(columns.split().isEmpty() ? 0 : part(part));
  }

  private int part(String cell) {
    String name = cell.toLowerCase(Locale.ROOT);
    if (TRAINING.contains(name)) {
      return 0;
    }
    if (VALIDATION.contains(name)) {
      return 1;
    }
    if (name.equals(TEST)) {
      return 2;
    }
    throw new DataException("'%s' in column %s is none of train, val and test.".formatted(cell, columns.split()));
  }

  /** @param order the label of each class as it was met */
  LabelledParts parts(List<String> classNames, IntUnaryOperator order) {
    int[] line = lines.build().toArray();
    if (line.length == 0) {
      throw new DataException("%s has no rows, expected one an image.".formatted(table));
    }
    refuseDuplicates(line);
    int[] label = labels.build().toArray();
    int[] group = columns.group().isEmpty() ? new int[0] : groups.build().toArray();
    int[] part = parts.build().toArray();
    refuseOthers(label.length);
    int[] used = IntStream.range(0, label.length).filter(i -> label[i] != NONE).toArray();
    int[] mapped = Arrays.stream(label).map(found -> found == NONE ? NONE : order.applyAsInt(found)).toArray();
    var all = new LabelledFiles(new LocatedFiles(files).found(), mapped, group);
    if (columns.split().isEmpty()) {
      return new LabelledParts(all.select(used), Optional.empty(), classNames);
    }
    int heldOut = Arrays.stream(used).anyMatch(i -> part[i] == 1) ? 1 : 2;
    int[] training = Arrays.stream(used).filter(i -> part[i] == 0).toArray();
    int[] rest = Arrays.stream(used).filter(i -> part[i] == heldOut).toArray();
    if (training.length == 0 || rest.length == 0) {
      throw new DataException(
          "%s has %d rows to train on and %d held out by column %s, expected both."
              .formatted(table, training.length, rest.length, columns.split()));
    }
    refuseSharedGroups(group, training, rest, line);
    return new LabelledParts(all.select(training), Optional.of(all.select(rest)), classNames);
  }

  private void refuseOthers(int rows) {
    if (others == rows || others > 0 && !columns.singleOnly()) {
      throw new DataException(
          ("%s: %,d of %,d rows have not exactly one class (the first: %s), but a network is trained on exactly one class"
                  + " an image so far%s.")
              .formatted(
                  table, others, rows, firstOther, others == rows ? "" : ": leave such rows out with " + SINGLE_ONLY),
          SINGLE_ONLY);
    }
  }

  private void refuseDuplicates(int[] line) {
    long[] hashes = new long[line.length];
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] = (long) Arrays.hashCode(files.name(i)) << Integer.SIZE | i;
    }
    Arrays.sort(hashes);
    for (int i = 1; i < hashes.length; i++) {
      for (int j = i - 1; j >= 0 && hashes[j] >> Integer.SIZE == hashes[i] >> Integer.SIZE; j--) {
        int first = (int) hashes[j];
        int second = (int) hashes[i];
        if (Arrays.equals(files.name(first), files.name(second))) {
          throw new DataException(
              "%s names the image %s in line %d and again in line %d: remove one of the two."
                  .formatted(table, files.path(first).getFileName(), line[first], line[second]));
        }
      }
    }
  }

  private void refuseSharedGroups(int[] group, int[] training, int[] heldOut, int[] line) {
    if (group.length == 0) {
      return;
    }
    var first = Arrays.stream(training).boxed().collect(Collectors.toMap(i -> group[i], i -> i, (one, _) -> one));
    for (int i : heldOut) {
      if (first.containsKey(group[i])) {
        throw new DataException(
            "%s has the same %s in both parts, in lines %d and %d: what is held out must be of others."
                .formatted(table, columns.group(), line[first.get(group[i])], line[i]));
      }
    }
  }
}
