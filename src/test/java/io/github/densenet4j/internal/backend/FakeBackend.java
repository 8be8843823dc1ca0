package io.github.densenet4j.internal.backend;

import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.tensor.BufferView;
import java.lang.foreign.MemorySegment;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A device that computes nothing.
 *
 * @param availableBytes that it claims to have
 * @param surplus bytes that it allocates beyond a plan
 * @param open counts sessions that were loaded and not closed
 */
record FakeBackend(long availableBytes, long surplus, AtomicInteger open) implements Backend {
  static FakeBackend with(long availableBytes) {
    return new FakeBackend(availableBytes, 0, new AtomicInteger());
  }

  @Override
  public String name() {
    return "fake";
  }

  @Override
  public String description() {
    return "a device of this test";
  }

  @Override
  public long workspaceBytes(Op op) {
    return 0;
  }

  @Override
  public Session load(Program program, ArenaPlan plan) {
    open.incrementAndGet();
    return new FakeSession(plan.totalBytes() + surplus, open);
  }

  private record FakeSession(long allocatedBytes, AtomicInteger open) implements Session {
    @Override
    public void run(List<Phase> phases) {
      throw new AssertionError("nothing is run");
    }

    @Override
    public void finish() {
      throw new AssertionError("nothing is run");
    }

    @Override
    public void run(Phase phase, long[] nanoseconds) {
      throw new AssertionError("nothing is run");
    }

    @Override
    public void write(BufferView target, MemorySegment source) {
      throw new AssertionError("nothing is written");
    }

    @Override
    public void read(BufferView source, MemorySegment target) {
      throw new AssertionError("nothing is read");
    }

    @Override
    public void close() {
      open.decrementAndGet();
    }
  }
}
