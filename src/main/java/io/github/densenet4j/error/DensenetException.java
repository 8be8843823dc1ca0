package io.github.densenet4j.error;

import java.util.List;
import java.util.stream.Stream;

/**
 * The root of everything this library throws on purpose. The message is one sentence that names what was asked, what
 * was found, what was expected and what helps.
 *
 * @since 0.1
 */
public sealed class DensenetException extends RuntimeException
    permits ConfigurationException, DataException, CheckpointException, DeviceException, DivergedException {
  private static final long serialVersionUID = 1;

  /** An array, because it is serialised with the exception. */
  private final String[] fields;

  DensenetException(String message, Throwable cause, String... fields) {
    super(message, cause);
    var own = Stream.of(fields);
    var causes = cause instanceof DensenetException known ? known.fields().stream() : Stream.<String>empty();
    this.fields = Stream.concat(own, causes).distinct().toArray(String[]::new);
  }

  /**
   * {@return the settings that the message may speak of, spelled as in the message, such as {@code batch size}; empty if
   * it speaks of none} A program with other names for them can put these in their place.
   */
  public List<String> fields() {
    return List.of(fields);
  }
}
