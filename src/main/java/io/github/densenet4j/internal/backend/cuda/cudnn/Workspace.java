package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;

/** Device memory that an operation may use while it runs; 256-byte aligned. */
public record Workspace(DevicePointer data, long bytes) {
  public static final Workspace NONE = new Workspace(DevicePointer.NULL, 0);
}
