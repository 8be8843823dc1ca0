package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.backend.cuda.driver.DriverLibrary;
import io.github.densenet4j.internal.io.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The CUDA toolkit that compiled the kernels. What it makes does not run on every driver: machine code needs one for
 * its major version of CUDA, and PTX one that is as new as the toolkit.
 *
 * @param version such as 13.0.88
 */
public record Toolkit(String version) {
  private static final String MANIFEST = "/native/densenet4j.fatbin.json";
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)(\\.\\d+)*");
  private static final int MAJOR = 1000;
  private static final int MINOR = 10;

  public Toolkit {
    if (!VERSION.matcher(version).matches()) {
      throw new DeviceException("the CUDA kernels of this build are of the toolkit " + version + ", which is none");
    }
  }

  /** The one of this build; empty if the build does not say. */
  public static Optional<Toolkit> shipped() {
    try (var in = Toolkit.class.getResourceAsStream(MANIFEST)) {
      if (in == null) {
        return Optional.empty();
      }
      var manifest = Json.parse(new String(in.readAllBytes(), StandardCharsets.UTF_8), MANIFEST);
      return Optional.ofNullable(manifest.get("toolkit")).map(Object::toString).map(Toolkit::new);
    } catch (IOException e) {
      throw new DeviceException("what " + MANIFEST + " says of the CUDA kernels cannot be read: " + e, e);
    }
  }

  /**
   * The oldest version of CUDA whose driver runs the kernels on a device, such as 13000.
   *
   * @param capability of the device, such as 9.0
   * @param architectures of the kernels, as {@link Fatbin} tells them
   */
  int oldestDriver(String capability, List<String> architectures) {
    var matcher = VERSION.matcher(version);
    matcher.matches();
    int major = Integer.parseInt(matcher.group(1)) * MAJOR;
    boolean compiled = architectures.stream().anyMatch(architecture -> runs(architecture, capability));
    return compiled ? major : major + Integer.parseInt(matcher.group(2)) * MINOR;
  }

  /** Machine code runs on devices of its major version that are as new. */
  private static boolean runs(String architecture, String capability) {
    if (!architecture.matches("sm_\\d+")) {
      return false;
    }
    int code = Integer.parseInt(architecture.substring("sm_".length()));
    int device = Integer.parseInt(capability.replace(".", ""));
    return code / 10 == device / 10 && code <= device;
  }

  /**
   * Looks whether a driver is new enough.
   *
   * @param driver the newest version of CUDA that it supports, such as 13000
   * @throws DeviceException if it is not
   */
  void require(int driver, CudaDevice device, Fatbin fatbin) {
    int oldest = oldestDriver(device.capability(), fatbin.architectures());
    if (driver < oldest) {
      throw new DeviceException(
          "the CUDA kernels of this build were compiled by the toolkit " + version + " and need a driver for CUDA "
              + DriverLibrary.text(oldest) + " or newer on " + device.name() + ", this one is for CUDA "
              + DriverLibrary.text(driver) + ": install a newer NVIDIA driver (580 is the first for CUDA 13.0), or"
              + " build with an older toolkit, or use device cpu",
          "device");
    }
  }
}
