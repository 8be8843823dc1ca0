package io.github.densenet4j.error;

/**
 * A data set, an image or another input file that cannot be read.
 *
 * @since 0.1
 */
public final class DataException extends DensenetException {
  /** With the sentence, and the settings that it speaks of; see {@link #fields}. */
  public DataException(String message, String... fields) {
    super(message, null, fields);
  }

  /** With what caused it as well, whose settings are also this one's if it is of this library. */
  public DataException(String message, Throwable cause, String... fields) {
    super(message, cause, fields);
  }
}
