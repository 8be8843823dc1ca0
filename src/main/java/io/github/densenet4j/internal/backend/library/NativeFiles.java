package io.github.densenet4j.internal.backend.library;

import io.github.densenet4j.error.DeviceException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds compiled libraries that belong together: in the folder that the system property {@code densenet4j.native}
 * names, else in the class path or the module path under native/. What lies inside a jar is unpacked by {@link
 * NativeCache}.
 */
public final class NativeFiles {
  /** What to do where the copies of a jar's files cannot be made or loaded. */
  public static final String OVERRIDES =
      "name another folder with the environment variable XDG_CACHE_HOME, or one that has these files with"
          + " -Ddensenet4j.native";

  private static final String FOLDER_PROPERTY = "densenet4j.native";

  private NativeFiles() {}

  /**
   * The folder that holds {@code names}.
   *
   * @param title what they are, for people, such as {@code the CPU kernels}
   * @param subfolder of native/, or empty
   * @throws DeviceException that lists every place tried, with the cause
   */
  public static Path find(String title, String subfolder, List<String> names) {
    String folder = System.getProperty(FOLDER_PROPERTY);
    return folder == null ? shipped(title, subfolder, names) : given(title, Path.of(folder).resolve(subfolder), names);
  }

  private static Path given(String title, Path folder, List<String> names) {
    Path found = folder.toAbsolutePath();
    for (String name : names) {
      if (!Files.isRegularFile(found.resolve(name))) {
        throw missing(title, name, found.resolve(name) + " (from -D" + FOLDER_PROPERTY + ")");
      }
    }
    return found;
  }

  private static Path shipped(String title, String subfolder, List<String> names) {
    String prefix = prefix(subfolder);
    var resources = new LinkedHashMap<String, URL>();
    for (String name : names) {
      URL resource = resource(prefix + name);
      if (resource == null) {
        throw missing(title, name, "the class path under " + prefix);
      }
      resources.put(name, resource);
    }
    try {
      URL first = resources.firstEntry().getValue();
      return first.getProtocol().equals("file")
          ? Path.of(first.toURI()).getParent()
          : NativeCache.ofUser().unpack(title, contents(resources));
    } catch (IOException | URISyntaxException e) {
      throw new DeviceException(title + " cannot be read out of the jar (" + e + "): get an undamaged one", e);
    }
  }

  /** Whether {@link #find} would find them. */
  public static boolean exist(String subfolder, List<String> names) {
    String folder = System.getProperty(FOLDER_PROPERTY);
    return folder == null
        ? names.stream().allMatch(name -> resource(prefix(subfolder) + name) != null)
        : names.stream().allMatch(name -> Files.isRegularFile(Path.of(folder).resolve(subfolder).resolve(name)));
  }

  private static String prefix(String subfolder) {
    return "native/" + (subfolder.isEmpty() ? "" : subfolder + "/");
  }

  /** Ours, or what another artifact adds: a module finds its own resources only, its class loader those of all. */
  private static URL resource(String path) {
    URL own = NativeFiles.class.getResource("/" + path);
    return own == null ? NativeFiles.class.getClassLoader().getResource(path) : own;
  }

  private static Map<String, byte[]> contents(Map<String, URL> resources) throws IOException {
    var contents = new LinkedHashMap<String, byte[]>();
    for (var entry : resources.entrySet()) {
      try (var in = entry.getValue().openStream()) {
        contents.put(entry.getKey(), in.readAllBytes());
      }
    }
    return contents;
  }

  private static DeviceException missing(String title, String name, String where) {
    return new DeviceException(
        title + " are missing: " + name + " was looked for in " + where + "; scripts/build --all compiles them");
  }
}
