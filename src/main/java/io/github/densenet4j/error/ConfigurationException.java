package io.github.densenet4j.error;

/** An option or a network configuration that cannot be used. */
public final class ConfigurationException extends DensenetException {
  public ConfigurationException(String message) {
    this(message, null);
  }

  public ConfigurationException(String message, Throwable cause) {
    super(message, cause);
  }
}
