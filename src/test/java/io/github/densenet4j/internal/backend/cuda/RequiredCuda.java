package io.github.densenet4j.internal.backend.cuda;

import static org.junit.jupiter.api.Assertions.fail;
import static org.junit.jupiter.api.Assumptions.abort;

/**
 * What a CUDA toolkit compiles is required of every machine that runs the tests: where it is missing they fail. They skip
 * only if {@code -Ddensenet4j.test.cuda=absent} says that CUDA is left out.
 */
public final class RequiredCuda {
  private static final String PROPERTY = "densenet4j.test.cuda";

  private RequiredCuda() {}

  /** Whether CUDA is left out on purpose. */
  public static boolean absent() {
    String value = System.getProperty(PROPERTY, "required");
    return switch (value) {
      case "required" -> false;
      case "absent" -> true;
      default -> throw new IllegalArgumentException(PROPERTY + " is " + value + ", it must be required or absent");
    };
  }

  /** Ends the test, for which something is missing. */
  public static <T> T missing(String sentence) {
    return absent() ? abort(sentence) : fail(sentence + " (or say -D" + PROPERTY + "=absent)");
  }
}
