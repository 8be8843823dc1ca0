package io.github.densenet4j.internal.io;

import io.github.densenet4j.error.CheckpointException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The right to write into a folder, for one run of one process at a time. It is a lock that the system holds on a
 * hidden file and drops when the process ends, however it ends. The file goes when the lock does.
 */
public final class FolderLock implements AutoCloseable {
  private static final String FILE = ".lock";

  /** Folders of this process: closing any of a file's channels would drop the process's lock on it. */
  private static final Set<Path> HELD = ConcurrentHashMap.newKeySet();

  private final Path folder;
  private final Deque<Path> created; // the innermost first
  private FileChannel channel;

  private FolderLock(Path folder, Deque<Path> created) {
    this.folder = folder;
    this.created = created;
  }

  /**
   * Takes the folder, and creates it if it is missing.
   *
   * @throws CheckpointException if another run has it, or it can be neither created nor locked
   */
  public static FolderLock take(Path folder) {
    try {
      var created = create(folder.toAbsolutePath().normalize());
      var lock = new FolderLock(folder.toRealPath(), created);
      if (HELD.add(lock.folder) && lock.acquired()) {
        return lock;
      }
    } catch (IOException failure) {
      throw new CheckpointException(
          "cannot use %s as the output folder: %s".formatted(folder, Wording.reason(failure)), failure);
    }
    throw new CheckpointException(
        "another training is using %s: wait until it ends, or choose another folder".formatted(folder),
        "another folder");
  }

  private static Deque<Path> create(Path folder) throws IOException {
    var missing = new ArrayDeque<Path>();
    for (Path path = folder; path != null && Files.notExists(path); path = path.getParent()) {
      missing.addLast(path);
    }
    Files.createDirectories(folder);
    return missing;
  }

  private boolean acquired() throws IOException {
    boolean acquired = false;
    try {
      acquired = acquire();
      return acquired;
    } finally {
      if (!acquired) {
        HELD.remove(folder);
      }
    }
  }

  /** Tries again whenever the run before removes its file between our steps. */
  private boolean acquire() throws IOException {
    while (true) {
      var before = identity();
      channel = FileChannel.open(file(), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      try {
        if (channel.tryLock() == null) {
          channel.close();
          return false;
        }
        // An inode number cannot be given again while we have the file open.
        if (before.isPresent() && before.equals(identity())) {
          return true;
        }
        channel.close();
      } catch (IOException | RuntimeException failure) {
        channel.close();
        throw failure;
      }
    }
  }

  /** The file that has the name now. Looking at it must not open it. */
  private Optional<Object> identity() throws IOException {
    try {
      return Optional.of(Files.readAttributes(file(), BasicFileAttributes.class).fileKey());
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
  }

  private Path file() {
    return folder.resolve(FILE);
  }

  /** Gives the folder back, and removes it if it was created here and is empty. */
  @Override
  public void close() {
    try (var _ = channel) {
      Files.deleteIfExists(file());
      for (Path path : created) {
        Files.deleteIfExists(path);
      }
    } catch (DirectoryNotEmptyException kept) {
      // as it is after every run that came to something
    } catch (IOException failure) {
      throw new CheckpointException(
          "cannot give %s back: %s".formatted(folder, Wording.reason(failure)), failure);
    } finally {
      HELD.remove(folder);
    }
  }
}
