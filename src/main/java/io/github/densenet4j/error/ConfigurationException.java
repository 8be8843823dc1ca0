package io.github.densenet4j.error;

/**
 * An option or a network configuration that cannot be used.
 *
 * @since 0.1
 */
public final class ConfigurationException extends DensenetException {
  /**
   * With a sentence.
   *
   * @param message the sentence
   * @param fields the settings that it speaks of; see {@link #fields}
   */
  public ConfigurationException(String message, String... fields) {
    super(message, null, fields);
  }

  /**
   * With a sentence and what caused it, whose settings are also this one's if it is of this library.
   *
   * @param message the sentence
   * @param cause may be null
   * @param fields the settings that it speaks of; see {@link #fields}
   */
  public ConfigurationException(String message, Throwable cause, String... fields) {
    super(message, cause, fields);
  }
}
