package io.github.densenet4j.internal.io;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file that is read from its beginning to its end; a pipe could keep its reader waiting for ever. */
public final class InputFile {
  private InputFile() {}

  /** Refuses what is there but no regular file. */
  public static void require(Path file) throws IOException {
    if (Files.exists(file) && !Files.isRegularFile(file)) {
      String kind = Files.isDirectory(file) ? "it is a folder" : "it is a pipe or a device";
      throw new FileSystemException(file.toString(), null, kind + ", expected a regular file");
    }
  }
}
