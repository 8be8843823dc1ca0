package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.Forgotten;
import io.github.densenet4j.internal.backend.Occupancy;
import io.github.densenet4j.internal.backend.Session;
import io.github.densenet4j.internal.backend.library.NativeCall;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.tensor.BufferView;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.ref.Reference;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A program bound to an arena: argument structs are written once, a phase is one native call after the other. Threads
 * take turns.
 */
final class CpuSession implements Session {
  /** An operation ready to run. */
  private record Call(Op op, MethodHandle kernel, MemorySegment arguments) {}

  private final CpuLibrary library;
  private final ArenaPlan plan;
  private final MemorySegment memory;
  private final Arena arguments = Arena.ofShared();
  private final Map<Phase, List<Call>> calls = new EnumMap<>(Phase.class);
  private final Occupancy occupancy = Occupancy.byTurns("session");
  private final Runnable free;

  CpuSession(CpuLibrary library, Program program, ArenaPlan plan, int threads) {
    this.library = library;
    this.plan = plan;
    this.memory = library.allocate(plan.totalBytes());
    this.free = Forgotten.watch(this, program.description(), new Memory(library, memory, arguments));
    try {
      bind(program, threads);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  /** What the session holds, without the session. */
  private record Memory(CpuLibrary library, MemorySegment arena, Arena arguments) implements Runnable {
    @Override
    public void run() {
      arguments.close();
      library.free(arena);
    }
  }

  private void bind(Program program, int threads) {
    var writer = new Arguments(view -> memory.address() + plan.offset(view));
    for (var phase : Phase.values()) {
      calls.put(phase, program.ops(phase).stream().map(op -> call(writer, op, threads)).toList());
    }
  }

  private Call call(Arguments writer, Op op, int threads) {
    var workspace = plan.workspace(op);
    long address = workspace == null ? 0 : memory.address() + workspace.offset();
    long bytes = workspace == null ? 0 : workspace.lifetime().buffer().bytes();
    return new Call(op, library.kernel(op.stem()).run(), writer.write(arguments, op, address, bytes, threads));
  }

  @Override
  public void run(List<Phase> phases) {
    try (var _ = occupancy.enter()) {
      for (int i = 0; i < phases.size(); i++) {
        for (var call : calls.get(phases.get(i))) {
          run(call);
        }
      }
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  /** Operations are done when their calls return. */
  @Override
  public void finish() {
    try (var _ = occupancy.enter()) {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public void run(Phase phase, long[] nanoseconds) {
    try (var _ = occupancy.enter()) {
      var phaseCalls = calls.get(phase);
      long before = System.nanoTime();
      for (int i = 0; i < phaseCalls.size(); i++) {
        run(phaseCalls.get(i));
        long after = System.nanoTime();
        nanoseconds[i] += after - before;
        before = after;
      }
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private void run(Call call) {
    int status;
    try {
      status = (int) call.kernel.invokeExact(call.arguments);
    } catch (Throwable e) {
      throw NativeCall.unexpected(e);
    }
    if (status != 0) {
      throw new DeviceException("cpu: " + library.lastError() + " (status " + status + ", " + call.op + ")");
    }
  }

  @Override
  public void write(BufferView target, MemorySegment source) {
    try (var _ = occupancy.enter()) {
      slice(target, source.byteSize()).copyFrom(source);
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  @Override
  public void read(BufferView source, MemorySegment target) {
    try (var _ = occupancy.enter()) {
      target.copyFrom(slice(source, target.byteSize()));
    } finally {
      Reference.reachabilityFence(this);
    }
  }

  private MemorySegment slice(BufferView view, long bytes) {
    view.requireRoom(bytes);
    return memory.asSlice(plan.offset(view), bytes);
  }

  @Override
  public long allocatedBytes() {
    try (var _ = occupancy.enter()) {
      return memory.byteSize();
    }
  }

  /** Waits for a call that another thread is in. */
  @Override
  public void close() {
    occupancy.close(free);
  }
}
