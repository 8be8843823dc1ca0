package io.github.densenet4j;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.LimitedBackend;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
import io.github.densenet4j.internal.backend.cuda.CudaBackend;

/**
 * Where to compute.
 *
 * @param backend the device itself
 * @param reason why this one, for people
 */
public record Device(Backend backend, String reason) implements AutoCloseable {
  /** The names that {@link #of} takes. */
  public static final String NAMES = "auto, cpu, cuda, cuda-software";

  private static final String ASKED_FOR = "asked for";

  /** The processor on all its cores. */
  public static Device cpu() {
    return cpu(CpuBackend.processors());
  }

  /** The processor on {@code threads} threads. */
  public static Device cpu(int threads) {
    return new Device(new CpuBackend(threads), ASKED_FOR);
  }

  /**
   * The same device, where no plan may have more than {@code bytes}: networks that need more are refused before
   * anything is allocated.
   */
  public Device withMemoryLimit(long bytes) {
    return new Device(new LimitedBackend(backend, bytes), reason);
  }

  /**
   * A GPU of this machine.
   *
   * @throws DeviceException if its driver, cuDNN 9 or cuBLAS is missing, or there is no GPU
   */
  public static Device cuda(CudaOptions options) {
    return new Device(CudaBackend.gpu(options), ASKED_FOR);
  }

  /**
   * The software CUDA device: runs the GPU's kernels on the processor, for tests; slow.
   *
   * @throws DeviceException if this build has none
   */
  public static Device cudaSoftware(CudaOptions options) {
    return new Device(CudaBackend.software(options), ASKED_FOR);
  }

  /**
   * A device by name, a GPU with {@link CudaOptions#DEFAULT}; otherwise as {@link #of(String, int, CudaOptions)}.
   */
  public static Device of(String name, int threads) {
    return of(name, threads, CudaOptions.DEFAULT);
  }

  /**
   * A device by name. {@code auto} takes the best there is for the default strategy and says why; any other name is
   * taken at its word.
   *
   * @param threads for the processor
   * @param options for a GPU
   * @throws ConfigurationException if there is no device of that name, or {@code threads} is out of range
   * @throws DeviceException if the device is not there
   */
  public static Device of(String name, int threads, CudaOptions options) {
    return switch (name) {
      case "auto" ->
          new Device(new CpuBackend(threads), "auto: the strategy fused has no CUDA kernels in this version");
      case "cpu" -> cpu(threads);
      case "cuda" -> cuda(options);
      case "cuda-software" -> cudaSoftware(options);
      default -> throw new ConfigurationException("device " + name + " is not known, choose one of " + NAMES);
    };
  }

  /** Gives back what the device holds; after all that uses it is closed. */
  @Override
  public void close() {
    backend.close();
  }
}
