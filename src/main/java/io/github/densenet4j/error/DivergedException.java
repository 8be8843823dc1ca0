package io.github.densenet4j.error;

/** Training whose loss became NaN or infinite. */
public final class DivergedException extends DensenetException {
  public DivergedException(String message) {
    this(message, null);
  }

  public DivergedException(String message, Throwable cause) {
    super(message, cause);
  }
}
