package io.github.densenet4j.internal.backend.cuda.cudnn;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.library.FoundLibrary;
import io.github.densenet4j.internal.backend.cuda.library.MappedFiles;
import io.github.densenet4j.internal.backend.cuda.library.SearchPath;
import io.github.densenet4j.internal.backend.cuda.library.SoughtLibrary;
import io.github.densenet4j.internal.backend.library.LoadedLibrary;
import io.github.densenet4j.internal.backend.library.NativeCall;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * cuDNN 9, found and loaded with all of its parts from one folder. It stays loaded. Between {@link #load} and {@link
 * #loadParts} there is room for what the parts need of CUDA: they look for it in some folders only, and take what is
 * there already.
 */
public final class CudnnLibrary {
  static final String PROPERTY = "densenet4j.cudnn";

  private static final String FILE = "libcudnn.so.9";

  /** The part that the file itself ends the process without. */
  private static final String GRAPH = part("graph");

  /** Parts that every cuDNN 9 has, in the order in which they need each other. Newer ones have more. */
  static final List<String> PARTS =
      Stream.of("graph", "ops", "cnn", "heuristic", "engines_precompiled", "engines_runtime_compiled")
          .map(CudnnLibrary::part)
          .toList();

  private static final String INSTALLATION =
      "install it (Debian and Ubuntu: apt-get install libcudnn9-cuda-13 from NVIDIA's repository; anywhere: pip install"
          + " nvidia-cudnn-cu13; or https://developer.nvidia.com/cudnn-downloads)";
  private static final SoughtLibrary SOUGHT =
      new SoughtLibrary("cuDNN 9", PROPERTY, List.of(FILE), List.of("libcudnn.so.8"), INSTALLATION);
  private static final int MESSAGE_BYTES = 1024;

  private final FoundLibrary found;
  private final CudnnCalls calls;
  private final String version;
  private final int toolkit;
  private final MemorySegment message = Arena.global().allocate(MESSAGE_BYTES);

  private CudnnLibrary(FoundLibrary found) {
    this.found = found;
    loadPart(found.folder().resolve(GRAPH));
    var library = LoadedLibrary.load(SOUGHT.title(), found.file());
    calls = new CudnnCalls(library);
    version = version(number(calls.getVersion), found.file());
    toolkit = Math.toIntExact(number(calls.getCudartVersion));
    requireOneInstallation();
  }

  private static String part(String name) {
    return "libcudnn_" + name + ".so.9";
  }

  private static void loadPart(Path file) {
    LoadedLibrary.load("cuDNN's part " + file.getFileName(), file);
  }

  /**
   * The file and as little else as it needs to tell its version.
   *
   * @throws DeviceException if it is missing, incomplete, of another version or cannot be loaded
   */
  public static CudnnLibrary load(SearchPath path) {
    return new CudnnLibrary(find(path));
  }

  /**
   * The file, with every part beside it; nothing is loaded.
   *
   * @throws DeviceException if it is missing or incomplete
   */
  public static FoundLibrary find(SearchPath path) {
    var found = SOUGHT.find(path);
    var missing = PARTS.stream().filter(part -> !Files.isRegularFile(found.folder().resolve(part))).toList();
    if (!missing.isEmpty()) {
      throw new DeviceException(
          "cuDNN in " + found.folder() + " is incomplete, " + String.join(", ", missing) + " must be beside "
              + found.file().getFileName() + ": " + INSTALLATION + ", or name a whole one with -D" + PROPERTY);
    }
    return found;
  }

  /** As people write it: 9.19.0. */
  static String version(long number, Path file) {
    if (number / 10_000 == 9) {
      return "9." + number / 100 % 100 + "." + number % 100;
    }
    String other = number < 10_000 ? number / 1000 + "." + number / 100 % 10 : String.valueOf(number / 10_000);
    throw new DeviceException(file + " is cuDNN " + other + ", cuDNN 9 is needed: " + INSTALLATION);
  }

  /** Loads every part that lies beside the file, so that cuDNN does not look for one elsewhere when it needs it. */
  public void loadParts() {
    parts(found.folder()).forEach(CudnnLibrary::loadPart);
    requireOneInstallation();
  }

  /** The known ones first, for others need them. */
  static List<Path> parts(Path folder) {
    var known = PARTS.stream().map(folder::resolve).toList();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, part("*"))) {
      var more = new TreeSet<Path>();
      files.forEach(more::add);
      known.forEach(more::remove);
      return Stream.concat(known.stream(), more.stream()).toList();
    } catch (IOException e) {
      throw new DeviceException("the folder " + folder + " of cuDNN cannot be read: " + e, e);
    }
  }

  /**
   * Looks at what the process has loaded by now.
   *
   * @throws DeviceException if there are parts of another cuDNN 9 among it
   */
  public void requireOneInstallation() {
    requireOneInstallation(MappedFiles.ofProcess().named("libcudnn"), found.folder());
  }

  /** Other libraries of this process may have brought another cuDNN 9, whose parts would answer for this one's. */
  static void requireOneInstallation(List<Path> mapped, Path folder) {
    var foreign =
        mapped.stream()
            .filter(file -> file.getFileName().toString().contains(".so.9"))
            .filter(file -> !MappedFiles.lieTogether(file, folder))
            .toList();
    if (!foreign.isEmpty()) {
      throw new DeviceException(
          "cuDNN of " + folder + " would be mixed with "
              + foreign.stream().map(Path::toString).collect(Collectors.joining(", "))
              + ", which this process has loaded too: name that folder with -D" + PROPERTY + " to use the same");
    }
  }

  private static long number(MethodHandle function) {
    try {
      return (long) function.invokeExact();
    } catch (Throwable e) {
      throw NativeCall.unexpected(e);
    }
  }

  public Path file() {
    return found.file();
  }

  /** Such as 9.19.0. */
  public String version() {
    return version;
  }

  /** The CUDA version that it was built with, such as 13040 for 13.4. */
  public int toolkit() {
    return toolkit;
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
  public Cudnn open(long stream) {
    return new Cudnn(this, calls, stream);
  }

  /**
   * Makes a call and looks at its status.
   *
   * @param operands what the message names
   */
  void call(String function, NativeCall call, Object... operands) {
    int status = call.status();
    if (status != CudnnStatus.SUCCESS.value()) {
      throw failure(function, status, operands);
    }
  }

  /** How cuDNN calls a status. */
  String name(int status) {
    try {
      return LoadedLibrary.text((MemorySegment) calls.getErrorString.invokeExact(status));
    } catch (Throwable e) {
      throw NativeCall.unexpected(e);
    }
  }

  private synchronized DeviceException failure(String function, int status, Object... operands) {
    String name = name(status);
    try {
      message.set(ValueLayout.JAVA_BYTE, 0, (byte) 0);
      calls.getLastErrorString.invokeExact(message, (long) MESSAGE_BYTES);
    } catch (Throwable e) {
      throw NativeCall.unexpected(e);
    }
    String detail = message.getString(0).strip();
    String shapes = Stream.of(operands).map(Object::toString).collect(Collectors.joining(", "));
    return new DeviceException(
        "cuDNN " + version + " refused " + function + (shapes.isEmpty() ? "" : " of " + shapes) + " with " + name + " ("
            + status + (detail.isEmpty() ? "" : ", " + detail) + "): " + CudnnStatus.remedy(status),
        "batch size");
  }
}
