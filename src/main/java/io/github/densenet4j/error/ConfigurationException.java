package io.github.densenet4j.error;

/**
 * An option or a network configuration that cannot be used.
 *
 * @since 0.1
 */
public final class ConfigurationException extends DensenetException {
  /** With the sentence, and the settings that it speaks of; see {@link #fields}. */
  public ConfigurationException(String message, String... fields) {
    super(message, null, fields);
  }

  /** With what caused it as well, whose settings are also this one's if it is of this library. */
  public ConfigurationException(String message, Throwable cause, String... fields) {
    super(message, cause, fields);
  }
}
