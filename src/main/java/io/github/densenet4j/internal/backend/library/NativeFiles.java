package io.github.densenet4j.internal.backend.library;

import io.github.densenet4j.error.DeviceException;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Finds compiled libraries that belong together: in the folder that the system property {@code densenet4j.native}
 * names, else in the class path under native/. Libraries inside a jar are copied once to the user's cache folder, under
 * the hash of their contents.
 */
public final class NativeFiles {
  private static final String FOLDER_PROPERTY = "densenet4j.native";

  private NativeFiles() {}

  /**
   * The folder that holds {@code names}.
   *
   * @param title what they are, for people, such as {@code the CPU kernels}
   * @param subfolder of native/, or empty
   * @throws DeviceException that lists every place tried
   */
  public static Path find(String title, String subfolder, List<String> names) {
    String folder = System.getProperty(FOLDER_PROPERTY);
    if (folder != null) {
      Path found = Path.of(folder).resolve(subfolder).toAbsolutePath();
      for (String name : names) {
        if (!Files.isRegularFile(found.resolve(name))) {
          throw missing(title, name, found.resolve(name) + " (from -D" + FOLDER_PROPERTY + ")");
        }
      }
      return found;
    }
    var resources = new ArrayList<URL>();
    for (String name : names) {
      String path = "/native/" + (subfolder.isEmpty() ? "" : subfolder + "/") + name;
      URL resource = NativeFiles.class.getResource(path);
      if (resource == null) {
        throw missing(title, name, "the class path under " + path.substring(1, path.lastIndexOf('/') + 1));
      }
      resources.add(resource);
    }
    try {
      URL first = resources.getFirst();
      return first.getProtocol().equals("file") ? Path.of(first.toURI()).getParent() : extract(names, resources);
    } catch (IOException | URISyntaxException e) {
      throw new DeviceException(title + " cannot be copied out of the jar: " + e, e);
    }
  }

  private static DeviceException missing(String title, String name, String where) {
    return new DeviceException(
        title + " are missing: " + name + " was looked for in " + where + "; scripts/build compiles them");
  }

  private static Path extract(List<String> names, List<URL> resources) throws IOException {
    var digest = sha256();
    var contents = new ArrayList<byte[]>();
    for (URL resource : resources) {
      try (var in = resource.openStream()) {
        contents.add(in.readAllBytes());
      }
      digest.update(contents.getLast());
    }
    String cache = System.getenv("XDG_CACHE_HOME");
    Path base = cache == null || cache.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
    Path folder = base.resolve("densenet4j").resolve(HexFormat.of().formatHex(digest.digest(), 0, 16));
    Files.createDirectories(folder);
    for (int i = 0; i < names.size(); i++) {
      write(folder.resolve(names.get(i)), contents.get(i));
    }
    return folder;
  }

  private static void write(Path target, byte[] bytes) throws IOException {
    if (!Files.isRegularFile(target)) {
      Path temporary = Files.createTempFile(target.getParent(), target.getFileName().toString(), ".tmp");
      Files.write(temporary, bytes);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
