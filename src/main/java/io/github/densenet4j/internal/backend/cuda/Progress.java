package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.driver.PinnedMemory;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How far the device has come in the graphs of a session: a number that marks among their nodes write into pinned
 * memory. The host can read it still when an error has ended the context.
 */
final class Progress implements AutoCloseable {
  /** Pinned memory that it takes. */
  static final int BYTES = Integer.BYTES;

  private static final VarHandle NUMBER = ValueLayout.JAVA_INT.varHandle();
  private static final int NOWHERE = 0;

  private final Marks marks;
  private final PinnedMemory memory;

  /** The memory itself, which a lost context no longer shows. */
  private final MemorySegment number;

  private final List<StepGroup> groups = new ArrayList<>();

  Progress(CudaRuntime runtime) {
    marks = runtime.marks();
    memory = new PinnedMemory(runtime.context(), BYTES);
    number = memory.segment();
    NUMBER.setVolatile(number, 0L, NOWHERE);
  }

  /** Puts a mark into the stream: what comes is {@code group}. */
  void enter(StepGroup group) {
    groups.add(group);
    marks.put(groups.size(), memory);
  }

  /** Puts a mark into the stream: what comes is no part of a graph. */
  void leave() {
    marks.put(NOWHERE, memory);
  }

  /** The operations that the device has begun last, if it is between the first and the last mark of a graph. */
  Optional<StepGroup> current() {
    int value = (int) NUMBER.getVolatile(number, 0L);
    return value == NOWHERE ? Optional.empty() : Optional.of(groups.get(value - 1));
  }

  @Override
  public void close() {
    memory.close();
  }
}
