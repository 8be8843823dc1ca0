package io.github.densenet4j.internal.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
import io.github.densenet4j.internal.backend.cuda.CudaBackend;
import io.github.densenet4j.internal.backend.cuda.SoftwareDevice;
import io.github.densenet4j.internal.program.LabelledLowering;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The golden cases on the software CUDA device, the second and third step of each being replays of one graph. */
@Tag("cuda")
class CudaVerificationTest {
  private static final Path REFERENCE = Path.of("src/test/resources/reference");

  @BeforeEach
  void theBuildHasASoftwareDevice() {
    SoftwareDevice.required();
  }

  @ParameterizedTest
  @CsvSource({
    "cifar_bc_k12, naive", "imagenet_small, naive", "basic_k8, shared", "cifar_bc_small, shared", "basic_k8, fused",
    "imagenet_small, fused"
  })
  void agreesWithPyTorch(String name, String strategy) {
    assertAgrees(name, LabelledLowering.of(strategy));
  }

  @Tag("slow")
  @ParameterizedTest
  @CsvSource({
    "basic_k8, naive", "cifar_bc_small, naive", "cifar_bc_k12, shared", "imagenet_small, shared", "cifar_bc_k12, fused",
    "cifar_bc_small, fused"
  })
  void theOtherCasesAgreeWithPyTorch(String name, String strategy) {
    assertAgrees(name, LabelledLowering.of(strategy));
  }

  @ParameterizedTest
  @ValueSource(strings = {"basic_k8", "imagenet_small"})
  void fusedAgreesInBfloat16(String name) {
    requireAgreementInBfloat16(name);
  }

  @Tag("slow")
  @ParameterizedTest
  @ValueSource(strings = {"cifar_bc_k12", "cifar_bc_small"})
  void fusedAgreesInBfloat16OnTheOtherCases(String name) {
    requireAgreementInBfloat16(name);
  }

  private static void requireAgreementInBfloat16(String name) {
    String device = assertAgrees(name, Lowerings.of(Strategy.FUSED, MemoryLevel.DEFAULT, Precision.BFLOAT16));
    assertThat(device).contains("compute capability").doesNotContain("cuDNN", "cuBLAS"); // its limits need them neither
  }

  /** Returns the device's description. */
  private static String assertAgrees(String name, Lowering lowering) {
    try (var device = CudaBackend.software(CudaOptions.DEFAULT);
        var processor = new CpuBackend(1)) {
      var result = Verification.run(REFERENCE.resolve(name + ".safetensors"), device, lowering, processor);
      assertThat(result.pass()).as("%s", result).isTrue();
      return device.description();
    }
  }
}
