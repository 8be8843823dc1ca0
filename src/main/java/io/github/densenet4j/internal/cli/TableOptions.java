package io.github.densenet4j.internal.cli;

import io.github.densenet4j.data.ImageFiles;
import io.github.densenet4j.data.ImageFiles.Columns;
import io.github.densenet4j.data.ImageFiles.Uncertain;
import io.github.densenet4j.error.ConfigurationException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** Which image files, and what a table says of them. */
final class TableOptions {
  @Option(names = "--path-column", paramLabel = "NAME", description = "of csv: the image's path (default: the first)")
  private String path;

  @Option(
      names = "--label-column",
      paramLabel = "NAME",
      description = "of csv: the class, several with | between them (default: the column that is left, if it is one)")
  private String label;

  @Option(
      names = "--label-columns",
      paramLabel = "NAME,NAME,...",
      hideParamSyntax = true,
      split = ",",
      description = "of csv: a column a class, with 1, 0, -1 or blank (default: the columns that are left)")
  private List<String> labels;

  @Option(
      names = "--uncertain",
      paramLabel = "NAME",
      description = "of csv: how -1 is taken: ignore (default, the row says nothing of that class), zeros or ones")
  private Uncertain uncertain;

  @Option(names = "--split-column", paramLabel = "NAME", description = "of csv: train, val or test")
  private String split;

  @Option(
      names = "--group-column",
      paramLabel = "NAME",
      description = "of csv: such as the patient, none of which is both trained on and held out")
  private String group;

  @Option(
      names = "--single-label-only",
      description = "of csv: leave out rows that have not exactly one class, which are refused otherwise")
  private boolean singleOnly;

  @Option(
      names = "--image-folder",
      paramLabel = "DIR",
      description = "of csv: what paths are relative to (default: the table's folder)")
  private Path folder;

  @Option(
      names = "--skip-unreadable",
      description = "of folder and csv: leave out files that cannot be read; each is decoded once for that")
  private boolean skipUnreadable;

  /** Whether a source is image files. */
  static boolean areFiles(String source) {
    return source.startsWith("folder:") || source.startsWith("csv:");
  }

  /**
   * The files of a source, if it has some.
   *
   * @param packed whether packed images are to be taken for such
   */
  Optional<ImageFiles> files(String source, boolean packed) {
    String[] parts = source.split(":", 2);
    boolean table = source.startsWith("csv:");
    if (!table && isAboutTables()) {
      throw new ConfigurationException("columns are for csv:FILE, and --data is " + source + ": leave them out");
    }
    if (packed && source.startsWith("pack:") && !skipUnreadable) {
      return Optional.of(ImageFiles.packed(path(parts[1])));
    }
    if (!areFiles(source) || parts[1].isEmpty()) {
      if (skipUnreadable) {
        throw new ConfigurationException("--skip-unreadable is for folder:DIR and csv:FILE, and --data is " + source);
      }
      return Optional.empty();
    }
    var found = table ? ImageFiles.table(path(parts[1])) : ImageFiles.folder(path(parts[1]));
    return Optional.of(found.columns(columns()).skipUnreadable(skipUnreadable));
  }

  private static Path path(String name) {
    try {
      return Path.of(name);
    } catch (InvalidPathException e) {
      throw new ConfigurationException("--data names no path (" + e.getReason() + "), expected one after the colon", e);
    }
  }

  private boolean isAboutTables() {
    return singleOnly
        || Stream.of(path, label, labels, uncertain, split, group, folder).anyMatch(option -> option != null);
  }

  private Columns columns() {
    return new Columns(
        or(path),
        or(label),
        labels == null ? List.of() : labels,
        uncertain == null ? Uncertain.IGNORE : uncertain,
        or(split),
        or(group),
        singleOnly,
        Optional.ofNullable(folder));
  }

  private static String or(String name) {
    return name == null ? "" : name;
  }
}
