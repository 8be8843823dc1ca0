package io.github.densenet4j.internal.backend;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The memory of this process, for tests of what grows. */
public final class ResidentMemory {
  private ResidentMemory() {}

  /** What the system has given it, once the heap has let go of what it can. */
  public static long bytes() throws IOException {
    System.gc();
    var line =
        Files.readAllLines(Path.of("/proc/self/status")).stream().filter(l -> l.startsWith("VmRSS")).findFirst();
    return Long.parseLong(line.orElseThrow().replaceAll("\\D", "")) << 10;
  }
}
