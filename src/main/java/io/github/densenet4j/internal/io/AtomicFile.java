package io.github.densenet4j.internal.io;

import io.github.densenet4j.error.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemLoopException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;

/**
 * Replaces a file as a whole. The bytes go to a hidden temporary file in the same folder, are forced to the disk, and
 * take the file's name in one rename; a reader, or a process killed at any moment, sees the old file or the new one.
 */
public final class AtomicFile {
  private static final Pattern TEMPORARY = Pattern.compile("\\..+\\.[0-9a-f]{16}\\.tmp");

  private static final int MOST_LINKS = 40; // as Linux follows

  private static final List<Path> STREAMS =
      List.of(Path.of("/dev/stdout"), Path.of("/dev/stderr"), Path.of("/dev/fd"), Path.of("/proc"));

  private AtomicFile() {}

  /** Writes the content of one file. */
  @FunctionalInterface
  public interface Body {
    /** Writes everything to the channel, which is positioned at the start of an empty file. */
    void writeTo(FileChannel channel) throws IOException;
  }

  /**
   * Replaces {@code target} by what {@code body} writes. When the body or the disk fails, the old file is untouched and
   * no temporary file remains. The target of a link is replaced; a pipe or a device is written into.
   *
   * @throws CheckpointException if the file cannot be written; a runtime exception of the body passes unchanged
   */
  public static void write(Path target, Body body) {
    try {
      if (isSpecial(target)) {
        writeInto(target, body);
      } else {
        replace(resolved(target), body);
      }
    } catch (IOException failure) {
      throw new CheckpointException("cannot write %s: %s".formatted(target, explain(target, failure)), failure);
    }
  }

  /** What cannot be replaced: a file that is no regular one, or a stream of this process, whatever it leads to. */
  private static boolean isSpecial(Path target) {
    Path absolute = target.toAbsolutePath().normalize();
    return Files.exists(target) && !Files.isRegularFile(target) && !Files.isDirectory(target)
        || STREAMS.stream().anyMatch(absolute::startsWith);
  }

  /** The file that a link leads to in the end, also if there is none yet. */
  private static Path resolved(Path target) throws IOException {
    Path path = target;
    for (int links = 0; Files.isSymbolicLink(path); links++) {
      if (links == MOST_LINKS) {
        throw new FileSystemLoopException(target.toString());
      }
      path = path.resolveSibling(Files.readSymbolicLink(path));
    }
    return path;
  }

  private static void writeInto(Path special, Body body) throws IOException {
    try (var channel = FileChannel.open(special, StandardOpenOption.WRITE)) {
      body.writeTo(channel);
    }
  }

  /** Replaces what has this very name, a link too; for callers that word a failure themselves. */
  public static void replace(Path target, Body body) throws IOException {
    Path temporary = temporaryFor(target);
    try {
      try (var channel = FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
        body.writeTo(channel);
        channel.force(true);
      }
      Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
      forceFolder(folderOf(target));
    } catch (IOException | RuntimeException | Error failure) {
      discard(temporary, failure);
      throw failure;
    }
  }

  /** Replaces {@code target} by the text in UTF-8; see {@link #write}. */
  public static void writeText(Path target, String text) {
    write(target, channel -> writeFully(channel, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
  }

  /** Writes all that remains in the buffer: one call of the channel may take only a part. */
  public static void writeFully(WritableByteChannel channel, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /** A new, unused name beside the target that {@link #isTemporary} recognises. */
  static Path temporaryFor(Path target) {
    String unique = HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
    return target.resolveSibling("." + target.getFileName() + "." + unique + ".tmp");
  }

  /** Whether the path has the name of a temporary file of this class. */
  static boolean isTemporary(Path path) {
    return TEMPORARY.matcher(path.getFileName().toString()).matches();
  }

  private static Path folderOf(Path target) {
    return target.toAbsolutePath().getParent();
  }

  /** Makes the rename itself survive a power cut. */
  private static void forceFolder(Path folder) throws IOException {
    try (var channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  private static String explain(Path target, IOException failure) {
    if (Files.isDirectory(target)) {
      return "it is a folder";
    }
    if (failure instanceof FileSystemLoopException) {
      return "it is a link that leads back to itself";
    }
    if (!Files.isDirectory(folderOf(target))) {
      return "the folder %s does not exist".formatted(folderOf(target));
    }
    return Wording.reason(failure);
  }

  private static void discard(Path temporary, Throwable failure) {
    try {
      Files.deleteIfExists(temporary);
    } catch (IOException second) {
      failure.addSuppressed(second);
    }
  }
}
