package io.github.densenet4j.internal.cli;

import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** What a computer has for GPUs. Each part throws a DeviceException that says what is missing and how to get it. */
interface GpuSystem {
  /**
   * @param file or the name by which the system finds it
   * @param version the newest CUDA version that it supports
   */
  record Driver(String file, String version) {}

  /** @param version empty if only loading it would tell */
  record Library(Path file, String version) {}

  /** The folders in which libraries are looked for. */
  List<Path> searched();

  Driver driver();

  /** The GPUs that the driver shows. */
  List<CudaDevice> devices();

  Library cudnn();

  Library cublas();

  /** The CUDA toolkit that compiled the kernels of this build, such as 13.0.88; empty if the build does not say. */
  Optional<String> toolkit();

  /** What the kernels of this build are compiled for, such as sm_90 and compute_80. */
  List<String> architectures();

  /** The first GPU. */
  Backend open();
}
