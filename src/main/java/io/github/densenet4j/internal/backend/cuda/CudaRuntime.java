package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.driver.CudaContext;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.backend.cuda.driver.CudaStream;
import java.util.Optional;
import java.util.function.Supplier;

/** What all sessions of a backend share: a context, one stream, the kernels, and libraries where they are needed. */
final class CudaRuntime implements AutoCloseable {
  private final Parts parts = new Parts();
  private final Supplier<NvidiaLibraries> libraries;
  private final CudaOptions options;
  private final CudaContext context;
  private final CudaStream stream;
  private final Kernels kernels;
  private final Marks marks;
  private NvidiaHandles handles;

  /**
   * @param libraries asked for by the first operation that needs them
   * @throws DeviceException if a part of it is missing or refused; nothing stays open then
   */
  CudaRuntime(CudaDevice device, Supplier<NvidiaLibraries> libraries, CudaOptions options) {
    this.libraries = libraries;
    this.options = options;
    try {
      context = parts.keep(new CudaContext(device));
      stream = parts.keep(new CudaStream(context));
      kernels = parts.keep(new Kernels(context, stream));
      marks = new Marks(context, stream, kernels);
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  CudaContext context() {
    return context;
  }

  CudaStream stream() {
    return stream;
  }

  Kernels kernels() {
    return kernels;
  }

  Marks marks() {
    return marks;
  }

  /** @throws DeviceException if one is missing, unfit or refused */
  NvidiaHandles libraries() {
    if (handles == null) {
      handles = parts.keep(new NvidiaHandles(this, libraries.get(), options));
    }
    return handles;
  }

  /**
   * Looks at what the process has loaded since.
   *
   * @throws DeviceException if cuDNN has found parts of itself in more than one folder
   */
  void requireOneInstallation() {
    Optional.ofNullable(handles).ifPresent(open -> open.cudnn().library().requireOneInstallation());
  }

  /** What went with a lost context need not be given back. */
  @Override
  public void close() {
    boolean lost = context != null && context.lost();
    try {
      parts.close();
    } catch (DeviceException e) {
      if (!lost) {
        throw e;
      }
    }
  }
}
