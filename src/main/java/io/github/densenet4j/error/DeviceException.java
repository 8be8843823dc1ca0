package io.github.densenet4j.error;

/**
 * A device that is missing, refused a call, or has too little memory.
 *
 * @since 0.1
 */
public final class DeviceException extends DensenetException {
  /**
   * With a sentence.
   *
   * @param message the sentence
   * @param fields the settings that it speaks of; see {@link #fields}
   */
  public DeviceException(String message, String... fields) {
    super(message, null, fields);
  }

  /**
   * With a sentence and what caused it, whose settings are also this one's if it is of this library.
   *
   * @param message the sentence
   * @param cause may be null
   * @param fields the settings that it speaks of; see {@link #fields}
   */
  public DeviceException(String message, Throwable cause, String... fields) {
    super(message, cause, fields);
  }
}
