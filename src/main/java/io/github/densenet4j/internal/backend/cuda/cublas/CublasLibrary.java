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
import java.util.stream.Stream;

/** cuBLAS 13 or 12, found and loaded. It stays loaded. */
public final class CublasLibrary {
  static final String PROPERTY = "densenet4j.cublas";

  private static final String INSTALLATION =
      "install it (Debian and Ubuntu: apt-get install libcublas-13-0 from NVIDIA's repository; anywhere: pip install"
          + " nvidia-cublas; or https://developer.nvidia.com/cuda-downloads)";
  private static final SoughtLibrary SOUGHT =
      new SoughtLibrary(
          "cuBLAS 13 or 12", PROPERTY, List.of("libcublas.so.13", "libcublas.so.12"), List.of("libcublas.so.11"),
          INSTALLATION);

  private final FoundLibrary found;
  private final CublasCalls calls;
  private final String version;

  private CublasLibrary(FoundLibrary found) {
    this.found = found;
    var light = light(found);
    if (Files.isRegularFile(light)) {
      LoadedLibrary.load("cuBLAS's part " + light.getFileName(), light);
    }
    calls = new CublasCalls(LoadedLibrary.load("cuBLAS", found.file()));
    version = version(property(LibraryProperty.MAJOR_VERSION), found.file()) + "."
        + property(LibraryProperty.MINOR_VERSION) + "." + property(LibraryProperty.PATCH_LEVEL);
  }

  /** @throws DeviceException if it is missing, of another version or cannot be loaded */
  public static CublasLibrary load(SearchPath path) {
    return new CublasLibrary(find(path));
  }

  /**
   * The file; nothing is loaded.
   *
   * @throws DeviceException if it is missing
   */
  public static FoundLibrary find(SearchPath path) {
    return SOUGHT.find(path);
  }

  /** NVIDIA's cuBLAS needs the cuBLASLt of the same installation; a cuBLAS without one may do without. */
  static Path light(FoundLibrary found) {
    return found.folder().resolve(found.file().getFileName().toString().replace("libcublas.", "libcublasLt."));
  }

  static int version(int major, Path file) {
    if (major != 12 && major != 13) {
      throw new DeviceException(file + " is cuBLAS " + major + ", 13 or 12 is needed: " + INSTALLATION);
    }
    return major;
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

  private DeviceException failure(String function, int status, Object... operands) {
    String name;
    String text;
    try {
      name = LoadedLibrary.text((MemorySegment) calls.getStatusName.invokeExact(status));
      text = LoadedLibrary.text((MemorySegment) calls.getStatusString.invokeExact(status));
    } catch (Throwable e) {
      throw NativeCall.unexpected(e);
    }
    String shapes = Stream.of(operands).map(Object::toString).collect(Collectors.joining(", "));
    return new DeviceException(
        "cuBLAS " + (version == null ? "" : version + " ") + "refused " + function
            + (shapes.isEmpty() ? "" : " of " + shapes) + " with " + name + " (" + status + ", " + text + "): "
            + CublasStatus.remedy(status),
        "batch size");
  }
}
