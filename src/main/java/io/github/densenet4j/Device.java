package io.github.densenet4j;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.LimitedBackend;
import io.github.densenet4j.internal.backend.OwnThreadBackend;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
import io.github.densenet4j.internal.backend.cuda.CudaBackend;
import io.github.densenet4j.internal.backend.cuda.GpuSearch;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Where to compute. Any thread may use a device, and any number of predictors and trainings may share one. A GPU keeps a
 * context and a thread of its own until {@link #close}.
 *
 * @since 0.1
 */
public final class Device implements AutoCloseable {
  private static final String ASKED_FOR = "asked for";

  private final Backend backend;
  private final String reason;
  private final AtomicBoolean closed;

  private Device(Backend backend, String reason) {
    this(backend, reason, new AtomicBoolean());
  }

  /** @param closed whether the device is, however many limits it is seen with */
  private Device(Backend backend, String reason, AtomicBoolean closed) {
    this.backend = backend;
    this.reason = reason;
    this.closed = closed;
  }

  /**
   * The best device there is for the default strategy: a GPU of this machine of compute capability 8.0 or more, else the
   * processor on all its cores. {@link #reason} says why, such as what keeps a GPU from being used.
   *
   * @return the device, to be closed
   */
  public static Device auto() {
    return auto(CpuBackend.processors(), CudaOptions.DEFAULT);
  }

  /**
   * As {@link #auto()}, with what is to hold for either.
   *
   * @param threads of the processor, if it is that
   * @param options which GPU, if it is one, and how
   * @return the device, to be closed
   * @throws ConfigurationException if {@code threads} is below 1 or above 1024, or there are GPUs but none of that number
   */
  public static Device auto(int threads, CudaOptions options) {
    var processor = new CpuBackend(threads);
    var search = GpuSearch.of(Objects.requireNonNull(options, "options"));
    return new Device(search.gpu().<Backend>map(OwnThreadBackend::new).orElse(processor), "auto: " + search.reason());
  }

  /**
   * The processor on all cores that this process may use.
   *
   * @return the device
   */
  public static Device cpu() {
    return cpu(CpuBackend.processors());
  }

  /**
   * The processor. Results do not depend on the number of threads.
   *
   * @param threads to compute on
   * @return the device
   * @throws ConfigurationException if {@code threads} is below 1 or above 1024
   */
  public static Device cpu(int threads) {
    return new Device(new CpuBackend(threads), ASKED_FOR);
  }

  /**
   * A GPU of this machine.
   *
   * @param options which one, and how
   * @return the device, to be closed
   * @throws DeviceException if its driver, cuDNN 9 or cuBLAS is missing, or there is no GPU
   * @throws ConfigurationException if there is no GPU of that number
   */
  public static Device cuda(CudaOptions options) {
    Objects.requireNonNull(options, "options");
    return new Device(new OwnThreadBackend(CudaBackend.gpu(options)), ASKED_FOR);
  }

  /**
   * The software CUDA device: runs the GPU's kernels on the processor, for tests; slow.
   *
   * @param options how
   * @return the device, to be closed
   * @throws DeviceException if this build has none
   */
  public static Device cudaSoftware(CudaOptions options) {
    Objects.requireNonNull(options, "options");
    return new Device(new OwnThreadBackend(CudaBackend.software(options)), ASKED_FOR);
  }

  /**
   * The same device, where no plan may have more than {@code bytes}: networks that need more are refused before anything
   * is allocated. Closing either closes both.
   *
   * @param bytes the most that a plan may have
   * @return the limited device
   * @throws ConfigurationException if {@code bytes} is below 1
   */
  public Device withMemoryLimit(long bytes) {
    return new Device(new LimitedBackend(backend, bytes), reason, closed);
  }

  /** {@return {@code cpu}, {@code cuda} or {@code cuda-software}} */
  public String name() {
    return backend.name();
  }

  /** {@return one line for people, what the device is and how it is used} */
  public String description() {
    return backend.description();
  }

  /**
   * How feature maps are best stored here.
   *
   * @param strategy how a network is computed
   * @return {@link Precision#BFLOAT16} for {@link Strategy#FUSED} on a GPU of compute capability 8.0 or more, else {@link
   *     Precision#FLOAT32}
   */
  public Precision precision(Strategy strategy) {
    return backend.precision(Objects.requireNonNull(strategy, "strategy"));
  }

  /** {@return why this device was taken, for people} */
  public String reason() {
    return reason;
  }

  /** @throws IllegalStateException if this is closed */
  Backend backend() {
    if (closed.get()) {
      throw new IllegalStateException("the device " + name() + " is closed");
    }
    return backend;
  }

  /**
   * Gives back what the device holds; again, it does nothing. Nothing new can be made on it then.
   *
   * @throws IllegalStateException if something on a GPU is still open
   */
  @Override
  public void close() {
    backend.close();
    closed.set(true);
  }

  @Override
  public String toString() {
    return name() + ": " + description();
  }
}
