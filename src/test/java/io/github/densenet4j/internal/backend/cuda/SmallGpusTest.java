package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.backend.cuda.driver.CudaDevice;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Workload;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** That GPUs whose blocks have less shared memory than a data centre's have fused kernels for all models. */
@Tag("cuda")
class SmallGpusTest {
  private static final List<CudaDevice> DEVICES =
      List.of(
          new CudaDevice(0, "28 multiprocessors", 12L << 30, "8.6", 28, 1536, 99 << 10, 100 << 10),
          new CudaDevice(0, "128 multiprocessors", 24L << 30, "8.9", 128, 1536, 99 << 10, 100 << 10));

  static Stream<DenseNetConfig> models() {
    return DenseNetConfig.names().stream().map(DenseNetConfig::named);
  }

  /** Of few, some and many pixels a multiprocessor; a kernel with more shared memory than there is would be refused. */
  @ParameterizedTest
  @MethodSource("models")
  void haveKernelsOfBfloat16(DenseNetConfig model) {
    List.of(1, 8, 64).forEach(batch -> requireKernels(model, Precision.BFLOAT16, batch));
  }

  @ParameterizedTest
  @MethodSource("models")
  void haveKernelsOfFloat32(DenseNetConfig model) {
    requireKernels(model, Precision.FLOAT32, 64);
  }

  private static void requireKernels(DenseNetConfig model, Precision precision, int batch) {
    for (var workload : List.of(Workload.training(batch, 0.9, 1e-4), Workload.inference(batch))) {
      var program = Lowerings.of(Strategy.FUSED, MemoryLevel.DEFAULT, precision).lower(model, workload);
      assertThat(DEVICES).allSatisfy(device -> assertThat(KernelCounter.count(program, device).path()).isPositive());
    }
  }
}
