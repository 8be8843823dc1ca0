package io.github.densenet4j.internal.backend.cuda.driver;

/** An address in device memory, which the host cannot read. */
public record DevicePointer(long address) {
  /** No memory at all. */
  public static final DevicePointer NULL = new DevicePointer(0);

  public DevicePointer plus(long bytes) {
    return new DevicePointer(address + bytes);
  }

  @Override
  public String toString() {
    return "0x" + Long.toHexString(address);
  }
}
