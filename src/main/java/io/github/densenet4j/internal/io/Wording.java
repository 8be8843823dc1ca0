package io.github.densenet4j.internal.io;

import java.io.EOFException;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.Locale;

/** Turns exceptions and foreign text into parts of a one-line sentence. */
public final class Wording {
  private static final int LONGEST_QUOTE = 80;

  private Wording() {}

  /** Why an operation on a file failed, in words that need no knowledge of Java's exception classes. */
  public static String reason(IOException failure) {
    return switch (failure) {
      case NoSuchFileException _ -> "it does not exist";
      case AccessDeniedException _ -> "permission denied";
      case FileAlreadyExistsException _, NotDirectoryException _ -> "a file is where a folder is needed";
      case EOFException _ -> "it ends too early";
      case CharacterCodingException _ -> "it is not UTF-8 text";
      case ClosedByInterruptException _ -> "the thread was interrupted";
      default -> withRemedy(systemReason(failure));
    };
  }

  /** Text from a file, in quotes: control characters masked and shortened, so that the message stays one line. */
  public static String quoted(String text) {
    var clean = new StringBuilder("'");
    text.codePoints()
        .limit(LONGEST_QUOTE)
        .forEach(c -> clean.appendCodePoint(Character.isISOControl(c) || c == 0x2028 || c == 0x2029 ? '?' : c));
    if (text.codePointCount(0, text.length()) > LONGEST_QUOTE) {
      clean.append("...");
    }
    return clean.append('\'').toString();
  }

  private static String systemReason(IOException failure) {
    // A FileSystemException's message begins with the path, which our sentence already names.
    String reason = failure instanceof FileSystemException file ? file.getReason() : failure.getMessage();
    if (reason == null || reason.isBlank()) {
      return failure.getClass().getSimpleName();
    }
    String line = reason.strip().lines().findFirst().orElseThrow();
    return line.substring(0, 1).toLowerCase(Locale.ROOT) + line.substring(1);
  }

  private static String withRemedy(String reason) {
    if (reason.contains("no space left") || reason.contains("quota exceeded")) {
      return reason + ", so free some space or choose another output folder";
    }
    if (reason.contains("read-only file system")) {
      return reason + ", so choose another output folder";
    }
    return reason;
  }
}
