package io.github.densenet4j.internal.cli;

import io.github.densenet4j.internal.backend.cuda.RequiredCuda;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;

/** A jar of this build, in target/. */
record Artifact(Path file) {
  static final String VERSION = System.getProperty("densenet4j.version");

  /** The main one. */
  static Artifact main() {
    return of("");
  }

  /** The command in one file. */
  static Artifact cli() {
    return of("-cli");
  }

  /** The software CUDA device; fails the test where the build had no nvcc. */
  static Artifact softwareCuda() {
    var jar = of("-software-cuda-tests");
    return Files.exists(jar.file()) ? jar : RequiredCuda.missing("scripts/build had no nvcc, so no " + jar.file());
  }

  private static Artifact of(String classifier) {
    return new Artifact(Path.of("target", "densenet4j-" + VERSION + classifier + ".jar").toAbsolutePath());
  }

  /** The files inside, without folders. */
  List<String> entries() {
    try (var jar = new JarFile(file.toFile())) {
      return jar.stream().filter(entry -> !entry.isDirectory()).map(ZipEntry::getName).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Those with a file name that begins so. */
  List<String> named(String prefix) {
    return entries().stream().filter(entry -> entry.substring(entry.lastIndexOf('/') + 1).startsWith(prefix)).toList();
  }
}
