package io.github.densenet4j.backend.cpu;

import io.github.densenet4j.error.DeviceException;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * Finds a library of native/cpu: in the folder that the system property {@code densenet4j.native} names, else in the
 * class path under native/. A library inside a jar is copied once to the user's cache folder, under the hash of its
 * contents.
 */
final class NativeFile {
  private static final String FOLDER_PROPERTY = "densenet4j.native";

  private NativeFile() {}

  /** @throws DeviceException that lists every place tried */
  static Path find(InstructionSet isa) {
    String name = "libdensenet4j_cpu_" + isa.label() + ".so";
    String folder = System.getProperty(FOLDER_PROPERTY);
    if (folder != null) {
      Path file = Path.of(folder, name).toAbsolutePath();
      if (Files.isRegularFile(file)) {
        return file;
      }
      throw missing(name, file + " (from -D" + FOLDER_PROPERTY + ")");
    }
    URL resource = NativeFile.class.getResource("/native/" + name);
    if (resource == null) {
      throw missing(name, "the class path under native/");
    }
    try {
      return resource.getProtocol().equals("file") ? Path.of(resource.toURI()) : extract(name, resource);
    } catch (IOException | java.net.URISyntaxException e) {
      throw new DeviceException("the native library " + resource + " cannot be copied out of the jar: " + e, e);
    }
  }

  private static DeviceException missing(String name, String where) {
    return new DeviceException(
        "the CPU kernels are missing: " + name + " was looked for in " + where + "; scripts/build compiles them");
  }

  private static Path extract(String name, URL resource) throws IOException {
    byte[] bytes;
    try (InputStream in = resource.openStream()) {
      bytes = in.readAllBytes();
    }
    String cache = System.getenv("XDG_CACHE_HOME");
    Path base = cache == null || cache.isEmpty() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(cache);
    Path target = base.resolve("densenet4j").resolve(hash(bytes)).resolve(name);
    if (!Files.isRegularFile(target)) {
      Files.createDirectories(target.getParent());
      Path temporary = Files.createTempFile(target.getParent(), name, ".tmp");
      Files.write(temporary, bytes);
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
    return target;
  }

  private static String hash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes), 0, 16);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
