package io.github.densenet4j.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.backend.cpu.CpuBackend;
import io.github.densenet4j.program.FusedLowering;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VerificationTest {
  private static final Path REFERENCE = Path.of("src/test/resources/reference");

  @ParameterizedTest
  @ValueSource(strings = {"basic_k8", "cifar_bc_k12", "cifar_bc_small", "imagenet_small"})
  void agreesWithPyTorchWithIdenticalBitsOnOneAndTwoThreads(String name) {
    var file = REFERENCE.resolve(name + ".safetensors");
    var one = Verification.run(file, new CpuBackend(1), new FusedLowering());
    var two = Verification.run(file, new CpuBackend(2), new FusedLowering());
    assertThat(one.pass()).as("%s", one).isTrue();
    assertThat(two.errors()).isEqualTo(one.errors());
  }
}
