package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.library.LoadedLibrary;
import io.github.densenet4j.internal.backend.library.NativeCall;
import io.github.densenet4j.internal.backend.library.NativeFiles;
import io.github.densenet4j.internal.backend.library.NativeType;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The raw calls of one compiled library of native/cpu. Libraries are loaded once and stay loaded. */
final class CpuLibrary {
  private static final String TITLE = "the CPU kernels";
  private static final Map<InstructionSet, CpuLibrary> LOADED = new EnumMap<>(InstructionSet.class);

  private final LoadedLibrary library;
  private final MethodHandle lastError;
  private final MethodHandle allocate;
  private final MethodHandle free;
  private final MethodHandle liveBytes;
  private final Map<String, Kernel> kernels = new ConcurrentHashMap<>();

  private CpuLibrary(InstructionSet isa) {
    List<String> names = isa.libraries();
    Path file = NativeFiles.find(TITLE, "", names).resolve(names.getFirst());
    library = LoadedLibrary.load(TITLE, file, NativeFiles.OVERRIDES);
    lastError = library.bind("dn_last_error", NativeType.HOST);
    allocate = library.bind("dn_arena_allocate", NativeType.HOST, NativeType.SIZE);
    free = library.bind("dn_arena_free", NativeType.VOID, NativeType.HOST, NativeType.SIZE);
    liveBytes = library.bind("dn_arena_live_bytes", NativeType.SIZE);
  }

  /** Whether it was built. */
  static boolean exists(InstructionSet isa) {
    return NativeFiles.exist("", isa.libraries());
  }

  /** @throws DeviceException if it cannot be loaded; the processor must have the instruction set */
  static CpuLibrary of(InstructionSet isa) {
    synchronized (LOADED) {
      return LOADED.computeIfAbsent(isa, CpuLibrary::new);
    }
  }

  /** The two entry points of an operation. */
  record Kernel(MethodHandle run, MethodHandle workspace) {}

  Kernel kernel(String stem) {
    return kernels.computeIfAbsent(
        stem,
        _ ->
            new Kernel(
                library.bind("dn_" + stem, NativeType.INT, NativeType.HOST),
                library.bind("dn_" + stem + "_workspace", NativeType.SIZE, NativeType.HOST)));
  }

  Path file() {
    return library.file();
  }

  /** What it was compiled for. */
  String instructionSet() {
    try {
      return LoadedLibrary.text((MemorySegment) library.bind("dn_isa", NativeType.HOST).invokeExact());
    } catch (Throwable e) {
      throw NativeCall.unexpected(e);
    }
  }

  String lastError() {
    try {
      return LoadedLibrary.text((MemorySegment) lastError.invokeExact());
    } catch (Throwable e) {
      throw NativeCall.unexpected(e);
    }
  }

  /** Zeroed memory, 64-byte aligned. */
  MemorySegment allocate(long bytes) {
    try {
      var segment = (MemorySegment) allocate.invokeExact(bytes);
      if (segment.equals(MemorySegment.NULL)) {
        throw new DeviceException(
            "the system refused memory (" + lastError() + "): use a smaller batch size", "batch size");
      }
      return segment.reinterpret(bytes);
    } catch (DeviceException e) {
      throw e;
    } catch (Throwable e) {
      throw NativeCall.unexpected(e);
    }
  }

  void free(MemorySegment arena) {
    try {
      free.invokeExact(arena, arena.byteSize());
    } catch (Throwable e) {
      throw NativeCall.unexpected(e);
    }
  }

  long liveBytes() {
    try {
      return (long) liveBytes.invokeExact();
    } catch (Throwable e) {
      throw NativeCall.unexpected(e);
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
      return (double) library.bind(function, NativeType.DOUBLE, NativeType.SIZE).invokeExact(threads);
    } catch (Throwable e) {
      throw NativeCall.unexpected(e);
    }
  }

  /** Bytes a second from one half of {@code memory} to the other. */
  double copyBandwidth(MemorySegment memory, long threads) {
    try {
      return (double)
          library.bind(
                  "dn_measure_copy_bandwidth", NativeType.DOUBLE, NativeType.HOST, NativeType.SIZE, NativeType.SIZE)
              .invokeExact(memory, memory.byteSize(), threads);
    } catch (Throwable e) {
      throw NativeCall.unexpected(e);
    }
  }
}
