package io.github.densenet4j.internal.backend.cuda.driver;

import static io.github.densenet4j.internal.backend.cuda.driver.Status.check;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.library.LoadedLibrary;
import io.github.densenet4j.internal.backend.library.NativeFunctions;
import java.lang.foreign.Arena;
import java.lang.foreign.SymbolLookup;
import java.nio.file.Path;
import java.util.function.Supplier;
import jcuda.driver.JCudaDriver;

/**
 * The driver of this process: {@code libcuda.so.1} of the system, or one given as a file. JCuda binds to whichever was
 * loaded first, so there is one for as long as the process lives.
 */
public final class DriverLibrary {
  /** What JCuda 12.6 was compiled for. */
  private static final int OLDEST_VERSION = 12_060;

  private static final String SYSTEM = "libcuda.so.1";

  /** A function that only the software device's driver has. */
  private static final String SOFTWARE = "dn_software_cuda_count";

  /** The file whose functions JCuda calls, whether it starts or not. */
  private static String bound;

  private static DriverLibrary loaded;

  private final String file;
  private final int version;

  private DriverLibrary(String file, int version) {
    this.file = file;
    this.version = version;
  }

  /** Whether the system has a driver, however it is. */
  public static boolean isHere() {
    try {
      return !SymbolLookup.libraryLookup(SYSTEM, Arena.global()).find(SOFTWARE).isPresent();
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * The system's driver.
   *
   * @throws DeviceException if there is none, it is too old, or it does not start
   */
  public static DriverLibrary ofSystem() {
    return load(SYSTEM, () -> SymbolLookup.libraryLookup(SYSTEM, Arena.global()));
  }

  /** A driver in a file, with the SONAME of the system's; likewise. */
  public static DriverLibrary of(Path file) {
    return load(file.toString(), () -> SymbolLookup.libraryLookup(file, Arena.global()));
  }

  private static synchronized DriverLibrary load(String file, Supplier<SymbolLookup> library) {
    if (bound == null) {
      var symbols = symbols(file, library);
      if (file.equals(SYSTEM) && symbols.find(SOFTWARE).isPresent()) {
        throw other("the software CUDA device", file);
      }
      bound = file;
    }
    if (!bound.equals(file)) {
      throw other(bound, file);
    }
    if (loaded == null) {
      loaded = start(file);
    }
    return loaded;
  }

  private static SymbolLookup symbols(String file, Supplier<SymbolLookup> library) {
    try {
      return library.get();
    } catch (IllegalArgumentException e) {
      throw new DeviceException(
          "device cuda is not there, because the NVIDIA driver's " + file + " cannot be loaded: install a driver of"
              + " version 580 or newer, or use device cpu",
          e, "device");
    }
  }

  private static DeviceException other(String used, String wanted) {
    return new DeviceException(
        "device cuda cannot have the driver " + wanted + ", because this process uses " + used
            + " already: start another process, or use device cpu",
        "device");
  }

  private static DriverLibrary start(String file) {
    JCudaLibrary.load();
    var version = new int[1];
    check(JCudaDriver.cuDriverGetVersion(version), "cuDriverGetVersion");
    if (version[0] < OLDEST_VERSION) {
      throw new DeviceException(
          "the NVIDIA driver " + file + " is for CUDA " + text(version[0]) + ", at least " + text(OLDEST_VERSION)
              + " is needed: install a driver of version 580 or newer");
    }
    check(JCudaDriver.cuInit(0), "cuInit");
    return new DriverLibrary(file, version[0]);
  }

  /** The newest CUDA version that the driver supports, such as 13.0. */
  public String version() {
    return text(version);
  }

  /** The same as a number, such as 13000. */
  public int number() {
    return version;
  }

  /** How people write a version of CUDA that is 13000. */
  public static String text(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }

  /** Its functions, for what JCuda does not call. */
  public NativeFunctions functions() {
    String title = "the NVIDIA driver";
    return file.equals(SYSTEM)
        ? LoadedLibrary.named(title, SYSTEM).orElseThrow()
        : LoadedLibrary.load(title, Path.of(file));
  }

  /** The file, or the name by which the system finds it. */
  public String file() {
    return file;
  }
}
