package io.github.densenet4j.internal.backend.library;

import io.github.densenet4j.error.DeviceException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/**
 * Copies of what a jar holds, for the system's loader, which loads files only. They lie in a folder that nobody else can
 * write to, and are compared with the jar byte by byte before each use: a file that is cut, empty or not ours is
 * replaced. Comparing costs less than a hash here, because a JVM computes its first SHA-256 in the interpreter.
 *
 * @param places where the copies may lie, in order: the first that works is taken
 */
record NativeCache(List<Path> places) {
  NativeCache {
    places = List.copyOf(places);
  }

  /** That of the user who runs this process. */
  static NativeCache ofUser() {
    return new NativeCache(
        places(System.getenv("XDG_CACHE_HOME"), System.getProperty("user.home"), System.getProperty("java.io.tmpdir")));
  }

  /**
   * {@code XDG_CACHE_HOME}, else the home's {@code .cache}; after it the folder for temporary files.
   *
   * @param cache null, empty or relative if there is none
   * @param home a question mark if the user has no entry in the password file
   */
  static List<Path> places(String cache, String home, String temporary) {
    var places = new ArrayList<Path>();
    if (cache != null && Path.of(cache).isAbsolute()) {
      places.add(Path.of(cache, "densenet4j"));
    } else if (home != null && Path.of(home).isAbsolute() && Files.isDirectory(Path.of(home))) {
      places.add(Path.of(home, ".cache", "densenet4j"));
    }
    places.add(Path.of(temporary).toAbsolutePath().resolve("densenet4j-" + PrivateFolder.user()));
    return places;
  }

  /**
   * The folder that holds these files.
   *
   * @param title what they are, for people
   * @throws DeviceException that says of every place why it cannot be used
   */
  Path unpack(String title, Map<String, byte[]> contents) {
    String name = name(contents);
    var reasons = new ArrayList<String>();
    var causes = new ArrayList<Exception>();
    for (Path place : places) {
      try {
        PrivateFolder.prepare(place);
        Path folder = place.resolve(name);
        PrivateFolder.prepare(folder);
        for (var entry : contents.entrySet()) {
          provide(folder.resolve(entry.getKey()), entry.getValue());
        }
        return folder;
      } catch (IOException e) {
        reasons.add(place + " (" + reason(e) + ")");
        causes.add(e);
      }
    }
    var failure =
        new DeviceException(
            title + " cannot be unpacked from the jar into " + String.join(" or ", reasons) + ": "
                + NativeFiles.OVERRIDES,
            causes.getFirst());
    causes.stream().skip(1).forEach(failure::addSuppressed);
    throw failure;
  }

  /** Tells builds apart, so that each finds its own copies again; whether a file is the right one is not left to it. */
  private static String name(Map<String, byte[]> contents) {
    var checksum = new CRC32();
    contents.forEach((file, bytes) -> {
      checksum.update(file.getBytes(StandardCharsets.UTF_8));
      checksum.update(bytes);
    });
    return HexFormat.of().toHexDigits((int) checksum.getValue());
  }

  private static void provide(Path file, byte[] bytes) throws IOException {
    if (isOurs(file, bytes)) {
      return;
    }
    Path copy = Files.createTempFile(file.getParent(), "." + file.getFileName(), ".tmp");
    try {
      Files.write(copy, bytes);
      Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      Files.deleteIfExists(copy); // of a copy that failed
    }
  }

  private static boolean isOurs(Path file, byte[] bytes) throws IOException {
    return Files.isRegularFile(file, LinkOption.NOFOLLOW_LINKS)
        && PrivateFolder.owner(file) == PrivateFolder.user()
        && Files.size(file) == bytes.length
        && Arrays.equals(Files.readAllBytes(file), bytes);
  }

  private static String reason(IOException e) {
    return switch (e) {
      case AccessDeniedException _ -> "permission denied";
      case FileSystemException system when system.getReason() != null -> system.getReason();
      case FileSystemException system -> system.getClass().getSimpleName() + " at " + system.getFile();
      default -> e.getMessage();
    };
  }
}
