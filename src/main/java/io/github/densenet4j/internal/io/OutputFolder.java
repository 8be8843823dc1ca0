package io.github.densenet4j.internal.io;

import io.github.densenet4j.error.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** The folder a run writes to: found unusable before the run starts rather than at its first checkpoint. */
public final class OutputFolder {
  private OutputFolder() {}

  /**
   * Checks, without changing anything, that the folder is writable, or that it can be created in the nearest folder
   * that exists.
   *
   * @throws CheckpointException if it cannot be used
   */
  public static void check(Path folder) {
    Path nearest = folder.toAbsolutePath().normalize();
    while (nearest.getParent() != null && Files.notExists(nearest)) {
      nearest = nearest.getParent();
    }
    if (!Files.exists(nearest)) {
      throw new CheckpointException(
          "cannot use %s as the output folder: permission denied, so choose another folder".formatted(folder),
          "another folder");
    }
    if (!Files.isDirectory(nearest)) {
      throw new CheckpointException(
          "cannot use %s as the output folder: %s is a file, expected a folder".formatted(folder, nearest));
    }
    if (!Files.isWritable(nearest)) {
      throw new CheckpointException(
          "cannot use %s as the output folder: %s is not writable, so choose another folder or change its permissions"
              .formatted(folder, nearest));
    }
  }

  /**
   * Creates the folder if it is missing, proves with a probe file that it takes new files, and removes the temporary
   * files that a killed run left behind. One run at a time may own a folder.
   *
   * @return the temporary files that were removed
   * @throws CheckpointException if the folder cannot be created, written or listed
   */
  public static List<Path> open(Path folder) {
    check(folder);
    try {
      Files.createDirectories(folder);
      Path probe = AtomicFile.temporaryFor(folder.resolve("probe"));
      Files.createFile(probe);
      Files.delete(probe);
      return removeTemporaries(folder);
    } catch (IOException failure) {
      throw new CheckpointException(
          "cannot use %s as the output folder: %s".formatted(folder, Wording.reason(failure)), failure);
    }
  }

  private static List<Path> removeTemporaries(Path folder) throws IOException {
    List<Path> stale;
    try (var files = Files.list(folder)) {
      stale = files.filter(AtomicFile::isTemporary).filter(Files::isRegularFile).sorted().toList();
    }
    for (Path file : stale) {
      Files.deleteIfExists(file);
    }
    return stale;
  }
}
