package io.github.densenet4j.data;

import io.github.densenet4j.error.DataException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * Files that a table names. Where its first one is a bare name and not in the folder, all bare names are looked for in the
 * folders below, as the tables of NIH's chest X-rays demand.
 */
record LocatedFiles(FileList named) {
  FileList found() {
    String first = name(0);
    Path folder = named.folderOf(0);
    if (!isBare(first) || Files.exists(folder.resolve(first))) {
      return named;
    }
    var places = places(folder);
    var found = new FileList();
    int number = found.addFolder(folder);
    for (int i = 0; i < named.count(); i++) {
      String name = name(i);
      String place = places.getOrDefault(name, name);
      if (place.isEmpty()) {
        throw new DataException(
            "The image %s is in several folders below %s, name it with its folder.".formatted(name, folder));
      }
      found.add(number, place);
    }
    return found;
  }

  private String name(int index) {
    return new String(named.name(index), StandardCharsets.UTF_8);
  }

  private static boolean isBare(String name) {
    return Path.of(name).getNameCount() == 1 && !Path.of(name).isAbsolute();
  }

  /** By bare name; nothing where there are several. */
  private static Map<String, String> places(Path folder) {
    var places = new HashMap<String, String>();
    try (var files = Files.walk(folder, FileVisitOption.FOLLOW_LINKS)) {
      files
          .filter(Files::isRegularFile)
          .forEach(
              file ->
                  places.merge(
                      file.getFileName().toString(), folder.relativize(file).toString(), (_, _) -> ""));
    } catch (IOException e) {
      throw new DataException("The folder %s cannot be listed (%s).".formatted(folder, e), e);
    } catch (UncheckedIOException e) {
      throw new DataException("The folder %s cannot be listed (%s).".formatted(folder, e.getCause()), e.getCause());
    }
    return places;
  }
}
