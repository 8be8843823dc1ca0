package io.github.densenet4j.error;

/** A data set, an image or another input file that cannot be read. */
public final class DataException extends DensenetException {
  public DataException(String message) {
    this(message, null);
  }

  public DataException(String message, Throwable cause) {
    super(message, cause);
  }
}
