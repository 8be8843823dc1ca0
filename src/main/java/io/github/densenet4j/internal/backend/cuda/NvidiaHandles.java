package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.error.DeviceException;
import io.github.densenet4j.internal.backend.cuda.cublas.Cublas;
import io.github.densenet4j.internal.backend.cuda.cublas.MathMode;
import io.github.densenet4j.internal.backend.cuda.cudnn.ConvolutionPlanner;
import io.github.densenet4j.internal.backend.cuda.cudnn.Cudnn;
import io.github.densenet4j.internal.backend.cuda.cudnn.PlannerOptions;
import java.util.Optional;

/** cuDNN and cuBLAS at work on a runtime's stream. */
final class NvidiaHandles implements AutoCloseable {
  private final Parts parts = new Parts();
  private final Cudnn cudnn;
  private final Descriptors descriptors;
  private final Cublas cublas;
  private final ConvolutionPlanner planner;
  private final Optional<Measurement> measurement;

  /** @throws DeviceException if a library refuses; nothing stays open then */
  NvidiaHandles(CudaRuntime runtime, NvidiaLibraries libraries, CudaOptions options) {
    try {
      cudnn = parts.keep(libraries.cudnn().open(runtime.stream().address()));
      descriptors = parts.keep(new Descriptors(cudnn));
      cublas = parts.keep(libraries.cublas().open(runtime.stream().address()));
      cublas.setMath(options.tf32() ? MathMode.TF32_TENSOR_OP_MATH : MathMode.DEFAULT_MATH);
      planner =
          cudnn.planner(new PlannerOptions(options.workspaceLimit(), options.deterministic(), options.tf32()));
      measurement =
          options.measure()
              ? Optional.of(new Measurement(planner, runtime.stream(), options.workspaceLimit()))
              : Optional.empty();
    } catch (RuntimeException e) {
      close();
      throw e;
    }
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

  @Override
  public void close() {
    parts.close();
  }
}
