package io.github.densenet4j.error;

/**
 * Training whose loss became NaN or infinite.
 *
 * @since 0.1
 */
public final class DivergedException extends DensenetException {
  /** With the sentence, and the settings that it speaks of; see {@link #fields}. */
  public DivergedException(String message, String... fields) {
    super(message, null, fields);
  }

  /** With what caused it as well, whose settings are also this one's if it is of this library. */
  public DivergedException(String message, Throwable cause, String... fields) {
    super(message, cause, fields);
  }
}
