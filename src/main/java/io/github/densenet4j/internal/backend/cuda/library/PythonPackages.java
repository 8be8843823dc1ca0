package io.github.densenet4j.internal.backend.cuda.library;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Where a Python looks for packages. It is asked, because a {@code python3} may be a script that chooses one of several
 * installations.
 */
final class PythonPackages {
  private static final String PYTHON = "python3";
  private static final String QUESTION = "import sys; print(*filter(None, sys.path), sep='\\n')";
  private static final long PATIENCE_SECONDS = 10;

  private PythonPackages() {}

  /**
   * Those of the first {@code python3}; empty if there is none, or it does not answer.
   *
   * @param folders of programs, as the PATH lists them
   */
  static List<Path> of(List<Path> folders) {
    return folders.stream()
        .map(folder -> folder.resolve(PYTHON))
        .filter(file -> Files.isRegularFile(file) && Files.isExecutable(file))
        .findFirst()
        .map(PythonPackages::asked)
        .orElse(List.of());
  }

  private static List<Path> asked(Path python) {
    Path answer = null;
    try {
      answer = Files.createTempFile("python-path", ".txt");
      var process =
          new ProcessBuilder(python.toString(), "-c", QUESTION)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(answer.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        return List.of();
      }
      return Files.readAllLines(answer).stream()
          .flatMap(line -> path(line).stream())
          .filter(Files::isDirectory)
          .toList();
    } catch (IOException e) {
      return List.of(); // as good as no Python
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
    } finally {
      delete(answer);
    }
  }

  private static Optional<Path> path(String line) {
    try {
      return Optional.of(Path.of(line));
    } catch (InvalidPathException e) {
      return Optional.empty();
    }
  }

  private static void delete(Path file) {
    try {
      if (file != null) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      file.toFile().deleteOnExit();
    }
  }
}
