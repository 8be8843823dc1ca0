package io.github.densenet4j.backend.cuda;

import io.github.densenet4j.backend.cuda.driver.DevicePointer;
import io.github.densenet4j.tensor.BufferView;

/** Where the buffers of a program lie on the device. */
@FunctionalInterface
interface Places {
  /** For questions about sizes, before anything lies anywhere. */
  Places NOWHERE = _ -> DevicePointer.NULL;

  DevicePointer of(BufferView view);
}
