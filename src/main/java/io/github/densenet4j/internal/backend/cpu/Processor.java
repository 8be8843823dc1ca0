package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.backend.library.LoadedLibrary;
import io.github.densenet4j.internal.backend.library.NativeCall;
import io.github.densenet4j.internal.backend.library.NativeFiles;
import io.github.densenet4j.internal.backend.library.NativeType;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;

/** What native/probe says of this machine's processor. It is asked before any kernel is loaded. */
final class Processor {
  private static final String TITLE = "the parts that ask the processor";
  private static final String FILE = "libdensenet4j_probe.so";

  private Processor() {}

  /** Loaded once, when first asked for. */
  private static final class Probe {
    static final LoadedLibrary LIBRARY = load();

    private static LoadedLibrary load() {
      Path file = NativeFiles.find(TITLE, "", List.of(FILE)).resolve(FILE);
      return LoadedLibrary.load(TITLE, file, NativeFiles.OVERRIDES);
    }
  }

  /** The widest instruction set of the kernels that processor and system offer. */
  static InstructionSet best() {
    return InstructionSet.of(text("dn_best_isa"));
  }

  /** Such as {@code avx2,fma}; empty if there are none that matter here. */
  static String features() {
    return text("dn_cpu_features");
  }

  /** Those that this process may run on. */
  static int count() {
    try {
      return Math.toIntExact((long) Probe.LIBRARY.bind("dn_processors", NativeType.SIZE).invokeExact());
    } catch (Throwable e) {
      throw NativeCall.unexpected(e);
    }
  }

  private static String text(String function) {
    try {
      return LoadedLibrary.text((MemorySegment) Probe.LIBRARY.bind(function, NativeType.HOST).invokeExact());
    } catch (Throwable e) {
      throw NativeCall.unexpected(e);
    }
  }
}
