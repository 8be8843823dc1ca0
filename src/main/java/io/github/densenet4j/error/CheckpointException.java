package io.github.densenet4j.error;

/** A checkpoint or output file that cannot be read, written or used with this configuration. */
public final class CheckpointException extends DensenetException {
  public CheckpointException(String message) {
    this(message, null);
  }

  public CheckpointException(String message, Throwable cause) {
    super(message, cause);
  }
}
