package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;

/** Where the buffers lie that this backend asked a plan for. */
interface OwnPlaces {
  DevicePointer of(String name);

  /** Puts zeros into all of one. */
  Launch cleared(String name);

  /** Writes one now, from its start on. */
  void write(String name, long[] words);
}
