package io.github.densenet4j.internal.backend.cuda.library;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** A computer of which only a folder is real: empty files stand for libraries. */
public final class Installation {
  private final Path root;
  private final Map<String, String> environment = new HashMap<>();
  private final Map<String, String> properties = new HashMap<>();

  public Installation(Path root) {
    this.root = root;
  }

  /** Puts files into a folder. */
  public Path files(String folder, Iterable<String> names) {
    Path place = root.resolve(folder);
    try {
      Files.createDirectories(place);
      for (String name : names) {
        Files.createFile(place.resolve(name));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return place;
  }

  /** Makes a file a library for another processor. */
  public void foreignLibrary(String folder, String name) {
    try {
      byte[] library = Files.readAllBytes(Path.of(System.getProperty("java.home"), "lib", "libzip.so"));
      library[18] = 40; // e_machine: a 32-bit ARM
      Files.write(root.resolve(folder).resolve(name), library);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public Installation environment(String name, String value) {
    environment.put(name, value);
    return this;
  }

  public Installation property(String name, Path value) {
    properties.put(name, value.toString());
    return this;
  }

  public SearchPath path() {
    return SearchPath.of(environment, properties, root);
  }
}
