package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;

/** A tensor in device memory. */
public record DeviceTensor(Descriptor<TensorShape> descriptor, DevicePointer data) {
  long description() {
    return descriptor.address();
  }

  long address() {
    return data.address();
  }

  @Override
  public String toString() {
    return descriptor.toString();
  }
}
