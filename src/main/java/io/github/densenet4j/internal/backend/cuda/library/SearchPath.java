package io.github.densenet4j.internal.backend.cuda.library;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Where NVIDIA's libraries are looked for.
 *
 * @param properties options that name a library's file or folder
 * @param folders that may hold them, the one that counts most first; some may not exist
 */
public record SearchPath(Map<String, String> properties, List<Path> folders) {
  private static final List<String> USUAL =
      List.of(
          "usr/local/cuda/lib64", "usr/local/cuda/targets/x86_64-linux/lib", "usr/lib/x86_64-linux-gnu", "usr/lib64",
          "usr/lib", "usr/local/lib", "opt/cuda/lib64");

  public SearchPath {
    properties = Map.copyOf(properties);
    folders = List.copyOf(folders);
  }

  /** The one of this process. */
  public static SearchPath ofProcess() {
    var properties =
        System.getProperties().stringPropertyNames().stream()
            .filter(name -> name.startsWith("densenet4j."))
            .collect(Collectors.toMap(name -> name, System::getProperty));
    return of(System.getenv(), properties, Path.of("/"));
  }

  /**
   * The folders of an environment.
   *
   * @param environment of which LD_LIBRARY_PATH, CUDA_HOME, CUDA_PATH, VIRTUAL_ENV, CONDA_PREFIX, PYTHONPATH, PATH and
   *     HOME count
   * @param root the folder that the usual places lie in: {@code /}
   */
  static SearchPath of(Map<String, String> environment, Map<String, String> properties, Path root) {
    return new SearchPath(properties, new Computer(environment, root).folders());
  }

  /** The file or folder that an option names. */
  public Optional<Path> explicit(String property) {
    return Optional.ofNullable(properties.get(property)).filter(value -> !value.isBlank()).map(Path::of);
  }

  private record Computer(Map<String, String> environment, Path root) {
    List<Path> folders() {
      Set<Path> folders = new LinkedHashSet<>(paths("LD_LIBRARY_PATH"));
      for (String variable : List.of("CUDA_HOME", "CUDA_PATH")) {
        for (Path toolkit : path(variable)) {
          folders.add(toolkit.resolve("lib64"));
          folders.add(toolkit.resolve("targets/x86_64-linux/lib"));
        }
      }
      path("CONDA_PREFIX").forEach(prefix -> folders.add(prefix.resolve("lib")));
      USUAL.forEach(folder -> folders.add(root.resolve(folder)));
      matches(root.resolve("usr/local"), "cuda-*").forEach(toolkit -> folders.add(toolkit.resolve("lib64")));
      for (Path packages : pythonPackages()) {
        matches(packages.resolve("nvidia"), "*").forEach(wheel -> folders.add(wheel.resolve("lib")));
      }
      return List.copyOf(folders);
    }

    /** Where the Python installations keep their packages, whose wheels of NVIDIA's libraries are as good as any. */
    private List<Path> pythonPackages() {
      var packages = new ArrayList<Path>();
      for (String variable : List.of("VIRTUAL_ENV", "CONDA_PREFIX")) {
        path(variable).forEach(prefix -> packages.addAll(sitePackages(prefix)));
      }
      packages.addAll(paths("PYTHONPATH"));
      packages.addAll(PythonPackages.of(paths("PATH")));
      path("HOME").forEach(home -> packages.addAll(sitePackages(home.resolve(".local"))));
      packages.addAll(sitePackages(root.resolve("usr/local")));
      packages.addAll(sitePackages(root.resolve("usr")));
      return packages;
    }

    private static List<Path> sitePackages(Path prefix) {
      return matches(prefix.resolve("lib"), "python3*").stream()
          .flatMap(python -> Stream.of(python.resolve("site-packages"), python.resolve("dist-packages")))
          .filter(Files::isDirectory)
          .toList();
    }

    /** What a pattern finds in a folder, the highest version first. */
    private static List<Path> matches(Path folder, String pattern) {
      var found = new ArrayList<Path>();
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder, pattern)) {
        entries.forEach(found::add);
      } catch (IOException e) {
        return List.of(); // no such folder, or not ours to read
      }
      found.sort(Collections.reverseOrder());
      return found;
    }

    private List<Path> path(String variable) {
      return Optional.ofNullable(environment.get(variable)).filter(value -> !value.isBlank()).map(Path::of).stream()
          .toList();
    }

    /** The folders of a variable that lists several. */
    private List<Path> paths(String variable) {
      return Stream.of(environment.getOrDefault(variable, "").split(":"))
          .filter(value -> !value.isBlank())
          .map(Path::of)
          .toList();
    }
  }
}
