package io.github.densenet4j.internal.backend.library;

import io.github.densenet4j.error.DeviceException;
import java.lang.foreign.Arena;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;
import java.util.regex.Pattern;

/** A library in this process; it stays loaded. */
public final class LoadedLibrary implements NativeFunctions {
  /** How the system names another library that the one to load needs. */
  private static final Pattern MISSING = Pattern.compile("(\\S+): cannot open shared object file: No such file");

  private final String title;
  private final Path file;
  private final SymbolLookup symbols;

  private LoadedLibrary(String title, Path file, SymbolLookup symbols) {
    this.title = title;
    this.file = file;
    this.symbols = symbols;
  }

  /** The C library of this process. */
  public static LoadedLibrary ofSystem() {
    return new LoadedLibrary("the C library", Path.of("/"), Linker.nativeLinker().defaultLookup());
  }

  /**
   * The library of this name that the system's loader finds, if there is one that it can load.
   *
   * @param name of its file, without a folder, such as {@code libturbojpeg.so.0}
   */
  public static Optional<LoadedLibrary> named(String title, String name) {
    try {
      return Optional.of(new LoadedLibrary(title, Path.of(name), SymbolLookup.libraryLookup(name, Arena.global())));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  /** @throws DeviceException with the system's reason if it cannot be loaded */
  public static LoadedLibrary load(String title, Path file) {
    return load(title, file, "install what is missing, or remove this file so that another one is found");
  }

  /**
   * @param remedy for what has no remedy of its own
   * @throws DeviceException with the system's reason and a remedy if it cannot be loaded
   */
  public static LoadedLibrary load(String title, Path file, String remedy) {
    try {
      return new LoadedLibrary(title, file, SymbolLookup.libraryLookup(file, Arena.global()));
    } catch (IllegalArgumentException e) {
      String reason = reason(file);
      throw new DeviceException(title + " cannot be loaded (" + reason + "): " + remedy(reason, remedy), e);
    }
  }

  private static String remedy(String reason, String otherwise) {
    var missing = MISSING.matcher(reason);
    if (missing.find()) {
      return "install " + missing.group(1);
    }
    return reason.contains("failed to map segment")
        ? "its folder seems to be mounted noexec, so " + NativeFiles.OVERRIDES
        : otherwise;
  }

  /** Only System.load passes on what the system says. */
  private static String reason(Path file) {
    try {
      System.load(file.toString());
      return file + ": the system gives no reason";
    } catch (UnsatisfiedLinkError e) {
      return e.getMessage();
    }
  }

  public Path file() {
    return file;
  }

  @Override
  public MethodHandle bind(String name, NativeType result, NativeType... parameters) {
    MemorySegment symbol =
        symbols
            .find(name)
            .orElseThrow(
                () ->
                    new DeviceException(
                        title + " in " + file + " has no function " + name + ": install a version that has it"));
    return Linker.nativeLinker().downcallHandle(symbol, NativeType.descriptor(result, parameters));
  }

  /** A C string that lives as long as its library. */
  public static String text(MemorySegment text) {
    return text.equals(MemorySegment.NULL) ? "" : text.reinterpret(Long.MAX_VALUE).getString(0);
  }
}
