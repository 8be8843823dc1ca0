package io.github.densenet4j.internal.backend.cuda.library;

import java.nio.file.Path;
import java.util.List;

/**
 * The file that was taken for a library.
 *
 * @param title the library's name for users
 * @param lookedIn the places that were searched, in their order
 */
public record FoundLibrary(String title, Path file, List<Path> lookedIn) {
  public FoundLibrary {
    lookedIn = List.copyOf(lookedIn);
  }

  public Path folder() {
    return file.getParent();
  }
}
