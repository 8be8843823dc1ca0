package io.github.densenet4j.backend.cuda;

import io.github.densenet4j.backend.cuda.cublas.Cublas;
import io.github.densenet4j.backend.cuda.cublas.CublasLibrary;
import io.github.densenet4j.backend.cuda.cublas.MathMode;
import io.github.densenet4j.backend.cuda.cudnn.ConvolutionPlanner;
import io.github.densenet4j.backend.cuda.cudnn.Cudnn;
import io.github.densenet4j.backend.cuda.cudnn.CudnnLibrary;
import io.github.densenet4j.backend.cuda.driver.CudaContext;
import io.github.densenet4j.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.backend.cuda.driver.CudaStream;
import io.github.densenet4j.error.DeviceException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;

/** What all sessions of a backend share: a context, one stream, the kernels and the libraries' handles. */
final class CudaRuntime implements AutoCloseable {
  private final Deque<AutoCloseable> opened = new ArrayDeque<>();
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
      context = keep(new CudaContext(device));
      stream = keep(new CudaStream(context));
      kernels = keep(new Kernels(context, stream));
      cudnn = keep(cudnnLibrary.open(stream.address()));
      descriptors = keep(new Descriptors(cudnn));
      cublas = keep(cublasLibrary.open(stream.address()));
      cublas.setMath(options.tf32() ? MathMode.TF32_TENSOR_OP_MATH : MathMode.DEFAULT_MATH);
      planner = cudnn.planner(options.planner());
      measurement =
          options.measure() ? Optional.of(new Measurement(this, options.workspaceLimit())) : Optional.empty();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
  }

  private <T extends AutoCloseable> T keep(T part) {
    opened.push(part);
    return part;
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

  /** Parts that do not close keep no other from closing. */
  @Override
  public void close() {
    boolean lost = context != null && context.lost();
    RuntimeException failure = null;
    while (!opened.isEmpty()) {
      try {
        opened.pop().close();
      } catch (Exception e) {
        failure = lost ? failure : new DeviceException("the CUDA device cannot be closed: " + e.getMessage(), e);
      }
    }
    if (failure != null) {
      throw failure;
    }
  }
}
