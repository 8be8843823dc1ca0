package io.github.densenet4j.internal.backend.cuda.cublas;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.library.FoundLibrary;
import io.github.densenet4j.internal.backend.cuda.library.SearchPath;
import io.github.densenet4j.internal.backend.cuda.library.SoughtLibrary;
import io.github.densenet4j.internal.backend.library.LoadedLibrary;
import io.github.densenet4j.internal.backend.library.NativeCall;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** cuBLAS 13 or 12 with its cuBLASLt, found and loaded. It stays loaded. */
public final class CublasLibrary {
  static final String PROPERTY = "densenet4j.cublas";

  private static final int NEWEST = 13;
  private static final int OLDEST = 12;

  private static final SoughtLibrary ANY =
      new SoughtLibrary(
          "cuBLAS 13 or 12", PROPERTY, List.of(file("cublas", NEWEST), file("cublas", OLDEST)),
          List.of(file("cublas", 11)), installation(NEWEST));

  private final FoundLibrary found;
  private final CublasCalls calls;
  private final String version;

  private CublasLibrary(FoundLibrary found, Path light, int major) {
    this.found = found;
    LoadedLibrary.load("cuBLASLt " + major, light);
    calls = new CublasCalls(LoadedLibrary.load("cuBLAS " + major, found.file()));
    requireMajor(property(LibraryProperty.MAJOR_VERSION), major, found.file());
    version = major + "." + property(LibraryProperty.MINOR_VERSION) + "." + property(LibraryProperty.PATCH_LEVEL);
  }

  /**
   * Loads cuBLASLt, which cuDNN takes too, and cuBLAS.
   *
   * @param major the version of CUDA that cuDNN was built with: it would load a second cuBLASLt beside another one
   * @throws DeviceException if one is missing, of another version or cannot be loaded
   */
  public static CublasLibrary load(SearchPath path, int major) {
    var found = find(path, major);
    return new CublasLibrary(found, light(found, path, major), major);
  }

  /**
   * The file of the newest that will do; nothing is loaded.
   *
   * @throws DeviceException if it is missing
   */
  public static FoundLibrary find(SearchPath path) {
    return ANY.find(path);
  }

  /** The file of one version; likewise. */
  static FoundLibrary find(SearchPath path, int major) {
    return sought("cuBLAS", "cublas", PROPERTY, major).find(path);
  }

  /** The cuBLASLt of the same installation, or another of this version: packages may keep them apart. */
  static Path light(FoundLibrary cublas, SearchPath path, int major) {
    var beside = cublas.folder().resolve(file("cublasLt", major));
    return Files.isRegularFile(beside)
        ? beside
        : sought("cuBLASLt", "cublasLt", PROPERTY + "Lt", major).find(path).file();
  }

  private static SoughtLibrary sought(String title, String stem, String property, int major) {
    var others = IntStream.of(NEWEST, OLDEST, 11).filter(other -> other != major).mapToObj(other -> file(stem, other));
    return new SoughtLibrary(
        title + " " + major + " (cuDNN is built for CUDA " + major + ")", property, List.of(file(stem, major)),
        others.toList(), installation(major));
  }

  private static String file(String stem, int major) {
    return "lib" + stem + ".so." + major;
  }

  private static String installation(int major) {
    String debian = major == OLDEST ? "libcublas-12-9" : "libcublas-13-0";
    String wheel = major == OLDEST ? "nvidia-cublas-cu12" : "nvidia-cublas";
    return "install it (Debian and Ubuntu: apt-get install " + debian + " from NVIDIA's repository; anywhere: pip"
        + " install " + wheel + "; or https://developer.nvidia.com/cuda-downloads)";
  }

  static void requireMajor(int found, int major, Path file) {
    if (found != major) {
      throw new DeviceException(
          file + " is cuBLAS " + found + ", " + major + " is needed, because cuDNN is built for CUDA " + major + ": "
              + installation(major));
    }
  }

  private int property(LibraryProperty property) {
    try (var arena = Arena.ofConfined()) {
      var value = arena.allocate(ValueLayout.JAVA_INT);
      call("cublasGetProperty", () -> (int) calls.getProperty.invokeExact(property.value(), value), property);
      return value.get(ValueLayout.JAVA_INT, 0);
    }
  }

  public Path file() {
    return found.file();
  }

  /** Such as 13.2.1. */
  public String version() {
    return version;
  }

  /** The places that were searched, in their order. */
  public List<Path> lookedIn() {
    return found.lookedIn();
  }

  /**
   * A handle for the device whose context is current.
   *
   * @param stream the address of the CUstream that its work goes to
   */
  public Cublas open(long stream) {
    return new Cublas(this, calls, stream);
  }

  /**
   * Makes a call and looks at its status.
   *
   * @param operands what the message names
   */
  void call(String function, NativeCall call, Object... operands) {
    int status = call.status();
    if (status != CublasStatus.SUCCESS.value()) {
      throw failure(function, status, operands);
    }
  }

  /** How cuBLAS calls a status. */
  String name(int status) {
    try {
      return LoadedLibrary.text((MemorySegment) calls.getStatusName.invokeExact(status));
    } catch (Throwable e) {
      throw NativeCall.unexpected(e);
    }
  }

  private DeviceException failure(String function, int status, Object... operands) {
    String text;
    try {
      text = LoadedLibrary.text((MemorySegment) calls.getStatusString.invokeExact(status));
    } catch (Throwable e) {
      throw NativeCall.unexpected(e);
    }
    String shapes = Stream.of(operands).map(Object::toString).collect(Collectors.joining(", "));
    return new DeviceException(
        "cuBLAS " + (version == null ? "" : version + " ") + "refused " + function
            + (shapes.isEmpty() ? "" : " of " + shapes) + " with " + name(status) + " (" + status + ", " + text + "): "
            + CublasStatus.remedy(status),
        "batch size");
  }
}
