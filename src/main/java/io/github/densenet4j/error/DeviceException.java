package io.github.densenet4j.error;

/** A device that is missing, refused a call, or has too little memory. */
public final class DeviceException extends DensenetException {
  public DeviceException(String message) {
    this(message, null);
  }

  public DeviceException(String message, Throwable cause) {
    super(message, cause);
  }
}
