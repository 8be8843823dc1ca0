package io.github.densenet4j.internal.cli;

import io.github.densenet4j.error.DeviceException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What Linux says in /proc about this computer and this process. */
final class Machine {
  private Machine() {}

  /** The most memory that this process has held so far, bytes. */
  static long peakResidentBytes() {
    return kibibytes("/proc/self/status", "VmHWM");
  }

  /** The memory that this process holds now, bytes. */
  static long residentBytes() {
    return kibibytes("/proc/self/status", "VmRSS");
  }

  static long memoryBytes() {
    return kibibytes("/proc/meminfo", "MemTotal");
  }

  /** The processor's name as its maker wrote it. */
  static String processor() {
    return value("/proc/cpuinfo", "model name");
  }

  private static long kibibytes(String file, String key) {
    return Long.parseLong(value(file, key).replace(" kB", "")) * 1024;
  }

  private static String value(String file, String key) {
    try (var lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(key))
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .findFirst()
          .orElse("unknown");
    } catch (IOException | UncheckedIOException e) {
      throw new DeviceException(file + " cannot be read (" + e.getMessage() + "): this command needs Linux", e);
    }
  }
}
