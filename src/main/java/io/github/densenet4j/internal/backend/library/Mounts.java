package io.github.densenet4j.internal.backend.library;

import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;

/**
 * The file systems that this process sees.
 *
 * @param mounts in the order in which they were mounted
 */
record Mounts(List<Mount> mounts) {
  Mounts {
    mounts = List.copyOf(mounts);
  }

  /** One of them. */
  record Mount(Path point, List<String> options) {}

  /** @param table lines of /proc/self/mounts: device, mount point, type, options, two numbers */
  static Mounts of(String table) {
    return new Mounts(
        table
            .lines()
            .map(line -> line.split(" "))
            .filter(fields -> fields.length >= 4)
            .map(fields -> new Mount(Path.of(unescaped(fields[1])), List.of(fields[3].split(","))))
            .toList());
  }

  /** @param path a real one, without links */
  boolean forbidExecution(Path path) {
    return mounts.stream()
        .filter(mount -> path.startsWith(mount.point()))
        .reduce((one, later) -> deeper(one, later) ? one : later)
        .filter(mount -> mount.options().contains("noexec"))
        .isPresent();
  }

  /** Of two mounts on the same point the later one hides the other. */
  private static boolean deeper(Mount one, Mount later) {
    return Comparator.<Mount>comparingInt(mount -> mount.point().getNameCount()).compare(one, later) > 0;
  }

  /** Blanks and backslashes of a mount point come in octal. */
  private static String unescaped(String point) {
    return point.replace("\\040", " ").replace("\\011", "\t").replace("\\012", "\n").replace("\\134", "\\");
  }
}
