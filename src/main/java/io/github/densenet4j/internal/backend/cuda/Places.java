package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;
import io.github.densenet4j.internal.tensor.BufferView;

/** Where the buffers of a program lie on the device. */
@FunctionalInterface
interface Places {
  /** For questions about sizes, before anything lies anywhere. */
  Places NOWHERE = _ -> DevicePointer.NULL;

  DevicePointer of(BufferView view);
}
