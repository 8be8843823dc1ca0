package io.github.densenet4j.data;

import io.github.densenet4j.error.DataException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A data file that is read exactly: a byte too few or too many is an error. A name ending in {@code .gz} is unpacked on
 * the way, however many members it has (RFC 1952); how long it is shows only then, and memory grows with what comes.
 */
final class DataFile implements AutoCloseable {
  private static final int BUFFER_BYTES = 1 << 16;
  private static final long UNKNOWN = -1;

  private final Path path;
  private final InputStream in;
  private final long length;

  private DataFile(Path path, InputStream in, long length) {
    this.path = path;
    this.in = in;
    this.length = length;
  }

  static DataFile open(Path path) {
    try {
      return isGzip(path)
          ? new DataFile(path, unpacking(path), UNKNOWN)
          : new DataFile(path, Files.newInputStream(path), Files.size(path));
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /** In bytes, of a file that is not packed. */
  long length() {
    return length;
  }

  /** Refuses a file that is known not to be {@code expected} bytes long. */
  void requireLength(BigInteger expected, String reason) {
    int difference = BigInteger.valueOf(length).compareTo(expected);
    if (difference != 0 && length != UNKNOWN) {
      throw new DataException(
          "%s is %s: found %d bytes, expected %d (%s); get the file again."
              .formatted(path, difference < 0 ? "truncated" : "oversized", length, expected, reason));
    }
  }

  /** The next {@code bytes} bytes. */
  byte[] read(int bytes) {
    try {
      byte[] found = in.readNBytes(bytes); // grows as data arrives
      if (found.length < bytes) {
        throw new DataException(
            "%s is truncated: expected %d more bytes, found %d; get the file again."
                .formatted(path, bytes, found.length));
      }
      return found;
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  /** The last {@code bytes} bytes; the file must end after them, and the checksum of a .gz must hold. */
  byte[] readToEnd(long bytes) {
    if (bytes > ArrayImages.MAX_LENGTH) {
      throw new DataException(
          "%s holds %d bytes, expected at most %d; use a smaller file.".formatted(path, bytes, ArrayImages.MAX_LENGTH));
    }
    byte[] found = read((int) bytes);
    try {
      if (in.read() >= 0) {
        throw new DataException(
            "%s is oversized: data goes on after %d bytes, where its header has it end; get the file again."
                .formatted(path, bytes));
      }
      return found;
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  @Override
  public void close() {
    try {
      in.close();
    } catch (IOException e) {
      throw unreadable(path, e);
    }
  }

  private static InputStream unpacking(Path path) throws IOException {
    InputStream raw = Files.newInputStream(path);
    try {
      return new GZIPInputStream(raw, BUFFER_BYTES);
    } catch (IOException e) {
      raw.close();
      throw e;
    }
  }

  private static boolean isGzip(Path path) {
    return path.toString().endsWith(".gz");
  }

  private static DataException unreadable(Path path, IOException cause) {
    return new DataException(
        cause instanceof ZipException || cause instanceof EOFException
            ? "%s is not a sound gzip file (%s); get the file again."
                .formatted(path, Objects.requireNonNullElse(cause.getMessage(), "it ends too early"))
            : "%s cannot be read (%s); check its permissions and the disk.".formatted(path, cause),
        cause);
  }
}
