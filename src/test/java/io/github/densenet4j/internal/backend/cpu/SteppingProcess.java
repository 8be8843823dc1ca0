package io.github.densenet4j.internal.backend.cpu;

import com.sun.management.ThreadMXBean;
import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.internal.backend.Session;
import io.github.densenet4j.internal.backend.library.NativeCall;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * The process that {@link StepAllocationTest} watches. It steps a small network with each strategy, and prints what was
 * allocated, a line a strategy.
 */
final class SteppingProcess {
  private static final List<Phase> STEP = List.of(Phase.INPUT, Phase.FORWARD, Phase.BACKWARD, Phase.UPDATE);
  static final int STEPS = 100;

  /** Until the loop over a phase's operations is compiled, the JVM itself allocates in it. */
  private static final int MOST_ROUNDS = 20;

  private static final DenseNetConfig NETWORK =
      new DenseNetConfig("small", 4, List.of(2, 2), 8, 4, 0.5, 0.1, Stem.IMAGENET, 3, 16, 5);

  /** Bytes that Java, and calls by which native code, allocated. */
  record Allocated(String strategy, long javaBytes, long nativeCalls) {
    String line() {
      return strategy + ": " + javaBytes + " bytes, " + nativeCalls + " calls";
    }
  }

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final MethodHandle start;
  private final MethodHandle stop;

  private SteppingProcess(Path counter) {
    var symbols = SymbolLookup.libraryLookup(counter.toAbsolutePath(), Arena.global());
    var linker = Linker.nativeLinker();
    start = linker.downcallHandle(symbols.findOrThrow("count_allocations_start"), FunctionDescriptor.ofVoid());
    stop =
        linker.downcallHandle(
            symbols.findOrThrow("count_allocations_stop"), FunctionDescriptor.of(ValueLayout.JAVA_LONG));
  }

  /** @param arguments the preloaded library that counts */
  public static void main(String[] arguments) throws Throwable {
    var process = new SteppingProcess(Path.of(arguments[0]));
    Stream.concat(Stream.of(process.firstStep()), Lowerings.all().stream().map(process::laterSteps))
        .map(Allocated::line)
        .forEach(System.out::println);
  }

  /** The first operation starts threads: that must be seen, or nothing else would be either. */
  private Allocated firstStep() {
    return count("first step", Lowerings.standard(), this::step);
  }

  /** The Java allocations of the first {@link #STEPS} steps that had none, else of the last; all native ones. */
  private Allocated laterSteps(Lowering lowering) {
    return count(
        lowering.label(),
        lowering,
        session -> {
          long bytes = 1;
          for (int round = 0; round < MOST_ROUNDS && bytes > 0; round++) {
            bytes = 0;
            for (int i = 0; i < STEPS; i++) {
              bytes += step(session);
            }
          }
          return bytes;
        });
  }

  private interface Steps {
    long javaBytes(Session session);
  }

  private Allocated count(String label, Lowering lowering, Steps steps) {
    Program program = lowering.lower(NETWORK, Workload.training(4, 0.9, 1e-4));
    var backend = new CpuBackend(2);
    try (var session = backend.load(program, backend.plan(program))) {
      session.write(program.ports().control().view(), MemorySegment.ofArray(new long[3]));
      start.invokeExact();
      long bytes = steps.javaBytes(session);
      return new Allocated(label, bytes, (long) stop.invokeExact());
    } catch (Throwable e) {
      throw NativeCall.unexpected(e);
    }
  }

  private long step(Session session) {
    long before = threads.getCurrentThreadAllocatedBytes();
    session.run(STEP);
    return threads.getCurrentThreadAllocatedBytes() - before;
  }
}
