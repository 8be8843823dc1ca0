package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.driver.CudaContext;
import io.github.densenet4j.internal.backend.cuda.driver.CudaEvent;
import io.github.densenet4j.internal.backend.cuda.driver.CudaStream;
import io.github.densenet4j.internal.backend.cuda.driver.DeviceArena;
import io.github.densenet4j.internal.backend.cuda.driver.PinnedMemory;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.program.Ports;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * Copies between the host and a session's arena, by way of two halves of pinned memory: while the device still reads
 * one, the host fills the other.
 */
final class Staging implements AutoCloseable {
  private static final long LEAST_BYTES = 1L << 20;
  private static final long MOST_BYTES = 64L << 20;

  private final CudaStream stream;
  private final DeviceArena arena;
  private final Parts parts = new Parts();
  private final List<Half> halves;
  private int current;

  /** Pinned memory, the bytes of it in use, and the end of the copies from it. */
  private static final class Half {
    final PinnedMemory memory;
    final CudaEvent copied;
    long used;
    boolean handedOver;

    Half(PinnedMemory memory, CudaEvent copied) {
      this.memory = memory;
      this.copied = copied;
    }
  }

  Staging(CudaRuntime runtime, DeviceArena arena, Ports ports) {
    this.stream = runtime.stream();
    this.arena = arena;
    int bytes = Math.toIntExact(halfBytes(ports));
    try {
      halves = List.of(half(runtime.context(), bytes), half(runtime.context(), bytes));
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private Half half(CudaContext context, int bytes) {
    return new Half(parts.keep(new PinnedMemory(context, bytes)), parts.keep(CudaEvent.untimed(context)));
  }

  /** The pinned memory of a session, bytes. */
  static long bytes(Ports ports) {
    return 2 * halfBytes(ports);
  }

  /** Room for all that a step is given: images as floats, or as bytes with their placement. */
  private static long halfBytes(Ports ports) {
    long images =
        Math.max(
            ArenaPlan.aligned(ports.images().bytes()),
            ArenaPlan.aligned(ports.pixels().bytes()) + ArenaPlan.aligned(ports.placement().bytes()));
    long step =
        images + ArenaPlan.aligned(ports.labels().bytes()) + ArenaPlan.aligned(ports.control().bytes());
    return Math.clamp(step, LEAST_BYTES, MOST_BYTES);
  }

  /** Puts a copy into the stream; {@code source} can be changed at once. */
  void write(long offset, MemorySegment source) {
    for (long done = 0; done < source.byteSize(); ) {
      var half = free();
      long count = Math.min(source.byteSize() - done, half.memory.bytes() - half.used);
      MemorySegment.copy(source, done, half.memory.segment(), half.used, count);
      arena.copyFrom(half.memory, half.used, offset + done, count, stream);
      half.used = Math.min(half.memory.bytes(), half.used + ArenaPlan.aligned(count));
      done += count;
    }
  }

  /** The half that is being filled, or the other one if this one is full or handed over. */
  private Half free() {
    var half = halves.get(current);
    if (half.used == half.memory.bytes()) {
      handOver();
    }
    if (half.handedOver) {
      current = 1 - current;
      half = halves.get(current);
      half.copied.synchronize();
      half.used = 0;
      half.handedOver = false;
    }
    return half;
  }

  /** Tells that the next write belongs to another step. */
  void handOver() {
    var half = halves.get(current);
    if (!half.handedOver && half.used > 0) {
      half.copied.record(stream);
      half.handedOver = true;
    }
  }

  /** Waits for all that is in the stream, and copies. */
  void read(long offset, MemorySegment target) {
    stream.synchronize();
    var memory = halves.get(current).memory;
    for (long done = 0; done < target.byteSize(); ) {
      long count = Math.min(target.byteSize() - done, memory.bytes());
      arena.copyTo(memory, 0, offset + done, count, stream);
      stream.synchronize();
      MemorySegment.copy(memory.segment(), 0, target, done, count);
      done += count;
    }
  }

  @Override
  public void close() {
    parts.close();
  }
}
