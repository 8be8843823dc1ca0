package io.github.densenet4j.internal.weights;

import java.io.IOException;
import java.nio.ByteBuffer;

/** Where the elements of storages lie in a file. */
interface StorageBytes extends AutoCloseable {
  /**
   * Fills {@code into} with bytes of a storage.
   *
   * @param from bytes of the whole storage before the first one
   */
  void read(PickledStorage storage, long from, ByteBuffer into) throws IOException;

  @Override
  void close() throws IOException;
}
