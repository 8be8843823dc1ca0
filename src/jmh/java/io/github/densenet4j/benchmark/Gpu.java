package io.github.densenet4j.benchmark;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.internal.backend.cuda.CudaBackend;

/** The device of the benchmarks of CUDA. */
final class Gpu {
  private Gpu() {}

  /**
   * By its name, as a benchmark's parameter {@code device} has it.
   *
   * @throws io.github.densenet4j.error.DeviceException if it is not there
   */
  static CudaBackend named(String device) {
    return switch (device) {
      case "cuda" -> CudaBackend.gpu(CudaOptions.DEFAULT);
      case "cuda-software" -> CudaBackend.software(CudaOptions.DEFAULT);
      default -> throw new IllegalArgumentException("device is " + device + ", it must be cuda or cuda-software");
    };
  }
}
