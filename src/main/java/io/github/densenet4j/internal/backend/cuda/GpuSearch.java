package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.driver.DriverLibrary;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What a search for a GPU that the fused strategy has kernels for has found.
 *
 * @param gpu used and closed in one thread; empty if there is none
 * @param reason for people, such as what keeps one from being used
 */
public record GpuSearch(Optional<CudaBackend> gpu, String reason) {
  /** Major version of the compute capability from which on tensor cores have what the fused kernels are made of. */
  private static final int LEAST_CAPABILITY = 8;

  /**
   * Looks at this machine.
   *
   * @throws io.github.densenet4j.error.ConfigurationException if there are GPUs, but none of the number in the options
   */
  public static GpuSearch of(CudaOptions options) {
    return DriverLibrary.isHere()
        ? of(() -> CudaBackend.gpu(options), LEAST_CAPABILITY)
        : new GpuSearch(Optional.empty(), "no NVIDIA driver is here");
  }

  /** @param least the major version of the compute capability that the GPU must have */
  static GpuSearch of(Supplier<CudaBackend> open, int least) {
    CudaBackend gpu;
    try {
      gpu = open.get();
    } catch (DeviceException none) {
      return new GpuSearch(Optional.empty(), none.getMessage());
    }
    var device = gpu.device();
    if (device.isAtLeast(least)) {
      return new GpuSearch(Optional.of(gpu), "a GPU is here");
    }
    gpu.close();
    return new GpuSearch(
        Optional.empty(),
        "%s has compute capability %s, and the kernels of the fused strategy need %d.0"
            .formatted(device.name(), device.capability(), least));
  }
}
