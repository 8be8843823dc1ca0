package io.github.densenet4j.internal.backend.cuda.library;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** The files that a process has in its memory, the libraries it has loaded among them. */
public record MappedFiles(List<Path> files) {
  public MappedFiles {
    files = List.copyOf(files);
  }

  /** Those of this process; none where there is no /proc. */
  public static MappedFiles ofProcess() {
    try {
      return of(Files.readAllLines(Path.of("/proc/self/maps")));
    } catch (IOException e) {
      return new MappedFiles(List.of());
    }
  }

  /** @param maps lines of /proc/PID/maps: addresses, permissions, offset, device, inode, path */
  static MappedFiles of(List<String> maps) {
    return new MappedFiles(
        maps.stream()
            .map(line -> line.split("\\s+", 6))
            .filter(fields -> fields.length == 6 && fields[5].startsWith("/"))
            .map(fields -> Path.of(fields[5]))
            .distinct()
            .toList());
  }

  /** The shared libraries whose file name begins so. */
  public List<Path> named(String prefix) {
    return files.stream()
        .filter(file -> file.getFileName().toString().startsWith(prefix))
        .filter(file -> file.getFileName().toString().contains(".so"))
        .toList();
  }

  /** Whether a file, as the system sees it, is one of a folder's, which may hold links. */
  public static boolean lieTogether(Path file, Path folder) {
    try (Stream<Path> entries = Files.list(folder)) {
      return entries
          .filter(entry -> entry.getFileName().toString().startsWith(stem(file)))
          .map(MappedFiles::real)
          .filter(Objects::nonNull)
          .anyMatch(file::equals);
    } catch (IOException e) {
      return false;
    }
  }

  /** libcudnn_ops of libcudnn_ops.so.9.19.0. */
  private static String stem(Path file) {
    String name = file.getFileName().toString();
    return name.substring(0, name.indexOf(".so"));
  }

  private static Path real(Path path) {
    try {
      return path.toRealPath();
    } catch (IOException e) {
      return null; // a link to nowhere
    }
  }
}
