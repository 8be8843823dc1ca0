package io.github.densenet4j;

import io.github.densenet4j.backend.Backend;
import io.github.densenet4j.backend.LimitedBackend;
import io.github.densenet4j.backend.cpu.CpuBackend;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DeviceException;

/**
 * Where to compute.
 *
 * @param backend the device itself
 * @param reason why this one, for people
 */
public record Device(Backend backend, String reason) {
  /** The names that {@link #of} takes. */
  public static final String NAMES = "auto, cpu, cuda, cuda-software";

  /** The processor on all its cores. */
  public static Device cpu() {
    return cpu(CpuBackend.processors());
  }

  /** The processor on {@code threads} threads. */
  public static Device cpu(int threads) {
    return new Device(new CpuBackend(threads), "asked for");
  }

  /**
   * The same device, where no plan may have more than {@code bytes}: networks that need more are refused before
   * anything is allocated.
   */
  public Device withMemoryLimit(long bytes) {
    return new Device(new LimitedBackend(backend, bytes), reason);
  }

  /**
   * A device by name. {@code auto} takes the best there is and says why; any other name is taken at its word.
   *
   * @param threads for the processor
   * @throws ConfigurationException if there is no device of that name, or {@code threads} is out of range
   * @throws DeviceException if the device is not there
   */
  public static Device of(String name, int threads) {
    return switch (name) {
      case "auto" -> new Device(new CpuBackend(threads), "auto: this version has no CUDA engine");
      case "cpu" -> cpu(threads);
      case "cuda", "cuda-software" ->
          throw new DeviceException(
              "device " + name + " is not there: this version has no CUDA engine, use --device cpu");
      default -> throw new ConfigurationException("device " + name + " is not known, choose one of " + NAMES);
    };
  }
}
