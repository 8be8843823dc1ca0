package io.github.densenet4j.internal.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.backend.cuda.CudaBackend;
import io.github.densenet4j.internal.backend.cuda.SoftwareCuda;
import io.github.densenet4j.internal.backend.cuda.SoftwareDevice;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A device is ready if a checked step, a captured one and a replayed one have run. */
@Tag("cuda")
class TrialStepTest {
  private SoftwareCuda software;

  @BeforeEach
  void find() {
    software = SoftwareDevice.required();
  }

  @AfterEach
  void startAgain() {
    if (software != null) {
      software.set("fail", "");
      software.startAgain();
    }
  }

  private static String verdict() {
    return TrialStep.on(() -> CudaBackend.software(CudaOptions.DEFAULT), GpuExamination.lowering(Strategy.SHARED));
  }

  @Test
  void threeStepsThatRunAreEnough() {
    assertThat(verdict()).isEqualTo(Findings.READY);
  }

  @Test
  void fusedLoadsNeitherCudnnNorCublas() {
    try (var backend = CudaBackend.software(CudaOptions.DEFAULT)) {
      assertThat(TrialStep.on(() -> backend, GpuExamination.lowering(Strategy.FUSED))).isEqualTo(Findings.READY);
      assertThat(backend.description()).contains("CUDA ").doesNotContain("cuDNN", "cuBLAS");
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void eachStepCounts(int step) {
    software.set("fail", "dn_sgd_nesterov:" + step);
    assertThat(verdict())
        .startsWith("broken: training step " + step + " of 3 on densenet4j software CUDA device, ")
        .contains(" failed: ", "sgd_nesterov (operation 0 of update)", "start it again");
  }
}
