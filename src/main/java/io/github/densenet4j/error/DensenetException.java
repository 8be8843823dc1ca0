package io.github.densenet4j.error;

/**
 * The root of everything this library throws on purpose. The message is one sentence that names what was asked, what
 * was found, what was expected and what helps.
 */
public sealed class DensenetException extends RuntimeException
    permits ConfigurationException, DataException, CheckpointException, DeviceException, DivergedException {
  DensenetException(String message, Throwable cause) {
    super(message, cause);
  }
}
