package io.github.densenet4j.backend.cpu;

import io.github.densenet4j.backend.NativeFiles;
import io.github.densenet4j.error.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The raw calls of one compiled library of native/cpu. Libraries are loaded once and stay loaded. */
final class CpuLibrary {
  private static final Map<InstructionSet, CpuLibrary> LOADED = new EnumMap<>(InstructionSet.class);
  private static final FunctionDescriptor TEXT = FunctionDescriptor.of(ValueLayout.ADDRESS);
  private static final FunctionDescriptor COUNT = FunctionDescriptor.of(ValueLayout.JAVA_LONG);
  private static final FunctionDescriptor PEAK =
      FunctionDescriptor.of(ValueLayout.JAVA_DOUBLE, ValueLayout.JAVA_LONG);
  private static final FunctionDescriptor BANDWIDTH =
      FunctionDescriptor.of(ValueLayout.JAVA_DOUBLE, ValueLayout.ADDRESS, ValueLayout.JAVA_LONG, ValueLayout.JAVA_LONG);

  private final Linker linker = Linker.nativeLinker();
  private final Path file;
  private final SymbolLookup symbols;
  private final MethodHandle lastError;
  private final MethodHandle allocate;
  private final MethodHandle free;
  private final MethodHandle liveBytes;
  private final Map<String, Kernel> kernels = new ConcurrentHashMap<>();

  private CpuLibrary(InstructionSet isa) {
    String name = "libdensenet4j_cpu_" + isa.label() + ".so";
    file = NativeFiles.find("the CPU kernels", "", List.of(name)).resolve(name);
    try {
      symbols = SymbolLookup.libraryLookup(file, Arena.global());
    } catch (IllegalArgumentException e) {
      throw new DeviceException(
          "the CPU kernels " + file + " cannot be loaded (is libgomp installed? Debian: apt-get install libgomp1)", e);
    }
    lastError = handle("dn_last_error", TEXT);
    allocate = handle("dn_arena_allocate", FunctionDescriptor.of(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    free = handle("dn_arena_free", FunctionDescriptor.ofVoid(ValueLayout.ADDRESS, ValueLayout.JAVA_LONG));
    liveBytes = handle("dn_arena_live_bytes", COUNT);
  }

  static CpuLibrary of(InstructionSet isa) {
    synchronized (LOADED) {
      return LOADED.computeIfAbsent(isa, CpuLibrary::new);
    }
  }

  private MethodHandle handle(String name, FunctionDescriptor descriptor) {
    MemorySegment symbol =
        symbols.find(name).orElseThrow(() -> new DeviceException("the CPU kernels " + file + " have no " + name));
    return linker.downcallHandle(symbol, descriptor);
  }

  /** The two entry points of an operation. */
  record Kernel(MethodHandle run, MethodHandle workspace) {}

  Kernel kernel(String stem) {
    return kernels.computeIfAbsent(
        stem,
        _ ->
            new Kernel(
                handle("dn_" + stem, FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.ADDRESS)),
                handle(
                    "dn_" + stem + "_workspace", FunctionDescriptor.of(ValueLayout.JAVA_LONG, ValueLayout.ADDRESS))));
  }

  Path file() {
    return file;
  }

  String bestInstructionSet() {
    return text("dn_best_isa");
  }

  String features() {
    return text("dn_cpu_features");
  }

  long processors() {
    try {
      return (long) handle("dn_processors", COUNT).invokeExact();
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  String lastError() {
    try {
      return string((MemorySegment) lastError.invokeExact());
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private String text(String function) {
    try {
      return string((MemorySegment) handle(function, TEXT).invokeExact());
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  private static String string(MemorySegment text) {
    return text.reinterpret(Long.MAX_VALUE).getString(0);
  }

  /** Zeroed memory, 64-byte aligned. */
  MemorySegment allocate(long bytes) {
    try {
      var segment = (MemorySegment) allocate.invokeExact(bytes);
      if (segment.equals(MemorySegment.NULL)) {
        throw new DeviceException("the system refused memory (" + lastError() + "): use a smaller --batch-size");
      }
      return segment.reinterpret(bytes);
    } catch (DeviceException e) {
      throw e;
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  void free(MemorySegment arena) {
    try {
      free.invokeExact(arena, arena.byteSize());
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  long liveBytes() {
    try {
      return (long) liveBytes.invokeExact();
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Operations a second on float32. */
  double fmaPeak(long threads) {
    return peak("dn_measure_fma_peak", threads);
  }

  /** Operations a second on pairs of bfloat16; 0 if there is no such instruction. */
  double dotPeak(long threads) {
    return peak("dn_measure_dot_peak", threads);
  }

  private double peak(String function, long threads) {
    try {
      return (double) handle(function, PEAK).invokeExact(threads);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Bytes a second from one half of {@code memory} to the other. */
  double copyBandwidth(MemorySegment memory, long threads) {
    try {
      return (double) handle("dn_measure_copy_bandwidth", BANDWIDTH).invokeExact(memory, memory.byteSize(), threads);
    } catch (Throwable e) {
      throw unexpected(e);
    }
  }

  /** Native code throws nothing; whatever arrives here is a mistake in a binding. */
  static IllegalStateException unexpected(Throwable e) {
    return new IllegalStateException("a native call failed in its binding", e);
  }
}
