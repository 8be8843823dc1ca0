package io.github.densenet4j.internal.backend.cuda.library;

import java.nio.file.Path;

/**
 * NVIDIA's own libraries, as their Python wheels lay them out, in the folder that the system property {@code
 * densenet4j.wheels} names; scripts/check-nvidia-libraries installs them.
 */
public final class NvidiaWheels {
  /** What a driver of the newest kind says: the wheels' own versions decide what is loaded. */
  public static final int DRIVER = 13_000;

  private NvidiaWheels() {}

  private static Path folder() {
    return Path.of(System.getProperty("densenet4j.wheels")).toAbsolutePath();
  }

  /** As if a Python had these packages and the computer nothing else. */
  public static SearchPath path() {
    return new Installation(folder().resolve("nowhere")).environment("PYTHONPATH", folder().toString()).path();
  }

  /** The version of CUDA that they are for: 13 or 12. */
  public static int cuda() {
    return Integer.getInteger("densenet4j.wheels.cuda");
  }

  /** The version of a wheel, as far as its library knows it. */
  public static String version(String library) {
    return System.getProperty("densenet4j.wheels." + library);
  }
}
