package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.cudnn.Workspace;
import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;
import io.github.densenet4j.internal.memory.ArenaPlan;

/** Takes parts of an operation's scratch memory, each 256-byte aligned as NVIDIA's libraries want them. */
final class Scratch {
  private static final long ALIGNMENT = 256;

  private final long end;
  private long next;

  /** @param start aligned as memory plans align */
  Scratch(DevicePointer start, long bytes) {
    this.next = aligned(start.address());
    this.end = start.address() + bytes;
  }

  /** Bytes that hold {@code parts}, wherever a plan puts them; 0 for none. */
  static long bytes(long... parts) {
    long sum = 0;
    for (long part : parts) {
      sum += aligned(part);
    }
    return sum == 0 ? 0 : sum + ALIGNMENT - ArenaPlan.ALIGNMENT;
  }

  Workspace take(long bytes) {
    if (bytes == 0) {
      return Workspace.NONE;
    }
    var part = new Workspace(new DevicePointer(next), bytes);
    next += aligned(bytes);
    if (part.data().address() + bytes > end) {
      throw new IllegalStateException("scratch memory of " + (end - part.data().address()) + " bytes, not " + bytes);
    }
    return part;
  }

  private static long aligned(long bytes) {
    return Math.ceilDiv(bytes, ALIGNMENT) * ALIGNMENT;
  }
}
