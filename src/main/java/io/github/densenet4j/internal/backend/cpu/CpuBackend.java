package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.Ceiling;
import io.github.densenet4j.internal.backend.LaunchTimes;
import io.github.densenet4j.internal.backend.Session;
import io.github.densenet4j.internal.backend.library.NativeCall;
import io.github.densenet4j.internal.memory.ArenaPlan;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.tensor.ElementType;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** The processor: native/cpu, compiled for the widest instruction set that it offers, on a given number of threads. */
public final class CpuBackend implements Backend {
  private static final String ISA_PROPERTY = "densenet4j.isa";
  private static final HostMemory MEMORY = new HostMemory(Path.of("/"));
  private static final int MOST_THREADS = 1024;

  /** Of the heap, while a network trains: checkpoints and what becomes of them. */
  private static final long HEAP_GROWTH = 192L << 20;

  /** Of the JVM besides its heap: classes, compiled code, threads. */
  private static final long JVM_GROWTH = 64L << 20;

  /** Twice what is copied; half of it is more than the caches that a few cores share. */
  private static final long COPIED_BYTES = 256L << 20;

  private final CpuLibrary library;
  private final InstructionSet isa;
  private final int threads;

  /**
   * The instruction set is the best there is, or the one that the system property {@code densenet4j.isa} names.
   *
   * @param threads at least 1
   * @throws ConfigurationException if {@code threads} is out of range
   * @throws DeviceException if the library cannot be loaded, or the processor or this build lacks the instruction set
   */
  public CpuBackend(int threads) {
    this(threads, chosen());
  }

  CpuBackend(int threads, InstructionSet isa) {
    if (threads < 1 || threads > MOST_THREADS) {
      throw new ConfigurationException(
          "number of threads is " + threads + ", it must be at least 1 and at most " + MOST_THREADS,
          "number of threads");
    }
    if (isa.compareTo(best()) > 0) {
      throw new DeviceException(
          "this processor has no " + isa.label() + ", the best it offers is " + best().label() + " (-D"
              + ISA_PROPERTY + ")");
    }
    if (!CpuLibrary.exists(isa)) {
      throw new DeviceException("this build has no kernels for " + isa.label() + ": " + remedy());
    }
    this.isa = isa;
    this.threads = threads;
    this.library = CpuLibrary.of(isa);
  }

  private static InstructionSet chosen() {
    String wanted = System.getProperty(ISA_PROPERTY);
    return wanted == null ? best() : InstructionSet.of(wanted);
  }

  /** The build may come from another machine. */
  private static String remedy() {
    String all = "scripts/build --all compiles them for every processor";
    List<InstructionSet> usable = available();
    return usable.isEmpty() ? all : all + ", -D" + ISA_PROPERTY + "=" + usable.getLast().label() + " takes what is there";
  }

  /** The widest instruction set of this processor that kernels can be compiled for. */
  public static InstructionSet best() {
    return Processor.best();
  }

  /** Those of this processor that this build has kernels for, from the plainest to the widest. */
  static List<InstructionSet> available() {
    return Stream.of(InstructionSet.values())
        .filter(isa -> isa.compareTo(best()) <= 0 && CpuLibrary.exists(isa))
        .toList();
  }

  /** The processor's features that matter here, such as {@code avx2,fma}; empty if there are none. */
  public static String features() {
    return Processor.features();
  }

  /** The processors that this process may run on: the default number of threads. */
  public static int processors() {
    return Processor.count();
  }

  @Override
  public String name() {
    return "cpu";
  }

  @Override
  public String description() {
    return isa.label() + " kernels on " + threads + (threads == 1 ? " thread" : " threads");
  }

  /** Results do not depend on the number of threads. */
  @Override
  public String processor() {
    return isa.label();
  }

  public int threads() {
    return threads;
  }

  public InstructionSet instructionSet() {
    return isa;
  }

  /** The file of the loaded kernels. */
  public Path libraryFile() {
    return library.file();
  }

  /** Bytes of all arenas that sessions of this backend hold now. */
  public long liveBytes() {
    return library.liveBytes();
  }

  /**
   * Measures what the processor can do at most with this instruction set on these threads, in half a second or so; the
   * best of several runs counts. Takes 256 MiB while it runs.
   *
   * @throws DeviceException if the system has not that memory
   */
  @Override
  public Optional<Ceiling> measureCeiling() {
    var peaks = new EnumMap<ElementType, Double>(ElementType.class);
    peaks.put(ElementType.FLOAT32, library.fmaPeak(threads));
    double dot = library.dotPeak(threads);
    if (dot > 0) {
      peaks.put(ElementType.BFLOAT16, dot);
    }
    var memory = library.allocate(COPIED_BYTES);
    try {
      return Optional.of(new Ceiling(peaks, library.copyBandwidth(memory, threads), List.of(), LaunchTimes.NONE));
    } finally {
      library.free(memory);
    }
  }

  @Override
  public long availableBytes() {
    long available = MEMORY.availableBytes();
    return available == Long.MAX_VALUE ? available : Math.max(0, available - reserve());
  }

  /**
   * What the JVM itself will still ask the system for: where a control group gives no more, it would be killed. In a group
   * the heap may grow to its maximum; of a maximum above the quarter of the group that is the JVM's own choice, a quarter.
   */
  private static long reserve() {
    var runtime = Runtime.getRuntime();
    long used = runtime.totalMemory() - runtime.freeMemory();
    long growth = Math.max(HEAP_GROWTH, MEMORY.groupLimit().orElse(0) / 4);
    return Math.min(growth, runtime.maxMemory() - used) + JVM_GROWTH;
  }

  @Override
  public long workspaceBytes(Op op) {
    try (var arena = Arena.ofConfined()) {
      var arguments = new Arguments(_ -> 0).write(arena, op, 0, 0, threads);
      return (long) library.kernel(op.stem()).workspace().invokeExact(arguments);
    } catch (Throwable e) {
      throw NativeCall.unexpected(e);
    }
  }

  @Override
  public Session load(Program program, ArenaPlan plan) {
    return new CpuSession(library, program, plan, threads);
  }
}
