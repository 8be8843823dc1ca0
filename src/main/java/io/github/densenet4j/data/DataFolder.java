package io.github.densenet4j.data;

import io.github.densenet4j.error.DataException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A folder of data files that exists and is not empty. */
record DataFolder(Path path) {
  /**
   * @param expected the files it should hold, for the message
   */
  static DataFolder open(Path path, String expected) {
    if (!Files.exists(path) && !Files.notExists(path)) {
      throw new DataException("The folder %s may not be looked at, check the permissions above it.".formatted(path));
    }
    if (!Files.isDirectory(path)) {
      throw new DataException(
          "%s is %s, expected a folder with %s; check the name."
              .formatted(path, Files.exists(path) ? "not a folder" : "missing", expected));
    }
    try (var entries = Files.list(path)) {
      if (entries.findAny().isEmpty()) {
        throw new DataException("The folder %s is empty, expected %s in it.".formatted(path, expected));
      }
    } catch (IOException e) {
      throw new DataException("The folder %s cannot be listed (%s), check its permissions.".formatted(path, e), e);
    }
    return new DataFolder(path);
  }

  boolean has(String name) {
    return Files.isRegularFile(path.resolve(name));
  }

  /** The first of these files that is there. */
  Path file(List<String> names) {
    return names.stream()
        .filter(this::has)
        .findFirst()
        .map(path::resolve)
        .orElseThrow(
            () ->
                new DataException(
                    "The folder %s has no file %s, add it.".formatted(path, String.join(" or ", names))));
  }
}
