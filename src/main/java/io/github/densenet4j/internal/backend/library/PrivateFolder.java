package io.github.densenet4j.internal.backend.library;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A folder from which code may be loaded: this user's own, of mode 0700, where the system lets files be executed. */
final class PrivateFolder {
  private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
  private static final Path MOUNTS = Path.of("/proc/self/mounts");

  private PrivateFolder() {}

  /**
   * Makes the folder if it is not there, and takes everyone else's rights away if it is.
   *
   * @throws IOException whose message says why it cannot be used
   */
  static void prepare(Path folder) throws IOException {
    if (!Files.exists(folder, LinkOption.NOFOLLOW_LINKS)) {
      Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
    }
    if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
      throw refused(folder, "it is not a folder");
    }
    if (owner(folder) != user()) {
      throw refused(folder, "it belongs to another user");
    }
    if (!Files.getPosixFilePermissions(folder, LinkOption.NOFOLLOW_LINKS).equals(OWNER_ONLY)) {
      Files.setPosixFilePermissions(folder, OWNER_ONLY);
    }
    if (Mounts.of(Files.readString(MOUNTS)).forbidExecution(folder.toRealPath())) {
      throw refused(folder, "it lies on a file system that is mounted noexec");
    }
  }

  /** The number of the user whom this process runs as. */
  static int user() {
    try {
      return owner(Path.of("/proc/self"));
    } catch (IOException e) {
      throw new IllegalStateException("every Linux has /proc/self", e);
    }
  }

  static int owner(Path file) throws IOException {
    return (int) Files.getAttribute(file, "unix:uid", LinkOption.NOFOLLOW_LINKS);
  }

  private static FileSystemException refused(Path folder, String why) {
    return new FileSystemException(folder.toString(), null, why);
  }
}
