package io.github.densenet4j.internal.backend;

import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.tensor.BufferView;
import java.lang.foreign.MemorySegment;
import java.util.List;

/**
 * A program in the memory of a device. Nothing is allocated between load and close. For one thread at a time: a second
 * one that comes meanwhile meets IllegalStateException, or waits if it comes to close. Every call after {@link #close}
 * throws IllegalStateException; closing again does nothing.
 */
public interface Session extends AutoCloseable {
  /**
   * Runs phases one after the other. A device may return before they are done: whoever reads waits.
   *
   * @throws io.github.densenet4j.error.DeviceException if an operation fails; the message names it, or the few of which it is one
   */
  void run(List<Phase> phases);

  /** Waits until everything that was run is done. */
  void finish();

  /**
   * Runs a phase to its end and takes the time of every operation.
   *
   * @param nanoseconds one value for each operation of the phase, in order; is added to
   */
  void run(Phase phase, long[] nanoseconds);

  /**
   * The same, but of a device that runs phases as one: within that, so that operations wait for each other only. The
   * first time it may still run them one by one.
   */
  default void replay(Phase phase, long[] nanoseconds) {
    run(phase, nanoseconds);
  }

  /** Copies all bytes of {@code source} to {@code target}. */
  void write(BufferView target, MemorySegment source);

  /** Copies bytes from {@code source} until {@code target} is full. */
  void read(BufferView source, MemorySegment target);

  /** The bytes held on the device: the plan's total. */
  long allocatedBytes();

  @Override
  void close();
}
