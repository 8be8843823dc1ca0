package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.cublas.Cublas;
import io.github.densenet4j.internal.backend.cuda.cublas.CublasLibrary;
import io.github.densenet4j.internal.backend.cuda.cublas.MathMode;
import io.github.densenet4j.internal.backend.cuda.cudnn.ConvolutionPlanner;
import io.github.densenet4j.internal.backend.cuda.cudnn.Cudnn;
import io.github.densenet4j.internal.backend.cuda.cudnn.CudnnLibrary;
import io.github.densenet4j.internal.backend.cuda.cudnn.PlannerOptions;
import io.github.densenet4j.internal.backend.cuda.driver.CudaContext;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.backend.cuda.driver.CudaStream;
import java.util.Optional;

/** What all sessions of a backend share: a context, one stream, the kernels and the libraries' handles. */
final class CudaRuntime implements AutoCloseable {
  private final Parts parts = new Parts();
  private final CudaContext context;
  private final CudaStream stream;
  private final Kernels kernels;
  private final Cudnn cudnn;
  private final Descriptors descriptors;
  private final Cublas cublas;
  private final ConvolutionPlanner planner;
  private final Optional<Measurement> measurement;

  /** @throws DeviceException if a part of it is missing or refused; nothing stays open then */
  CudaRuntime(CudaDevice device, CudnnLibrary cudnnLibrary, CublasLibrary cublasLibrary, CudaOptions options) {
    try {
      context = parts.keep(new CudaContext(device));
      stream = parts.keep(new CudaStream(context));
      kernels = parts.keep(new Kernels(context, stream));
      cudnn = parts.keep(cudnnLibrary.open(stream.address()));
      descriptors = parts.keep(new Descriptors(cudnn));
      cublas = parts.keep(cublasLibrary.open(stream.address()));
      cublas.setMath(options.tf32() ? MathMode.TF32_TENSOR_OP_MATH : MathMode.DEFAULT_MATH);
      planner = cudnn.planner(
              new PlannerOptions(options.workspaceLimit(), options.deterministic(), options.tf32()));
      measurement =
          options.measure() ? Optional.of(new Measurement(this, options.workspaceLimit())) : Optional.empty();
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

  Cudnn cudnn() {
    return cudnn;
  }

  Descriptors descriptors() {
    return descriptors;
  }

  Cublas cublas() {
    return cublas;
  }

  ConvolutionPlanner planner() {
    return planner;
  }

  /** Present if algorithms are to be tried. */
  Optional<Measurement> measurement() {
    return measurement;
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
