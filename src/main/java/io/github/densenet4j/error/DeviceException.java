package io.github.densenet4j.error;

/**
 * A device that is missing, refused a call, or has too little memory.
 *
 * @since 0.1
 */
public final class DeviceException extends DensenetException {
  /** With the sentence, and the settings that it speaks of; see {@link #fields}. */
  public DeviceException(String message, String... fields) {
    super(message, null, fields);
  }

  /** With what caused it as well, whose settings are also this one's if it is of this library. */
  public DeviceException(String message, Throwable cause, String... fields) {
    super(message, cause, fields);
  }
}
