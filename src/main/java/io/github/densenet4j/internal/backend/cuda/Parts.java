package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.error.DeviceException;
import java.util.ArrayDeque;
import java.util.Deque;

/** What something has opened and owns: closed in reverse order, and a part that refuses keeps no other from closing. */
final class Parts implements AutoCloseable {
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  <T extends AutoCloseable> T keep(T part) {
    opened.push(part);
    return part;
  }

  /** @throws DeviceException the first refusal, which holds the others */
  @Override
  public void close() {
    DeviceException failure = null;
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        if (failure == null) {
          failure = new DeviceException("a part of the CUDA device cannot be closed: " + e.getMessage(), e);
        } else {
          failure.addSuppressed(e);
        }
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
