package io.github.densenet4j.internal.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class VerificationTest {
  private static final Path REFERENCE = Path.of("src/test/resources/reference");

  static Stream<Arguments> cases() {
    return Stream.of("basic_k8", "cifar_bc_k12", "cifar_bc_small", "imagenet_small")
        .flatMap(name -> lowerings().map(lowering -> Arguments.of(name, lowering)));
  }

  private static Stream<Lowering> lowerings() {
    var inBFloat16 =
        Stream.of(MemoryLevel.values()).map(memory -> Lowerings.of(Strategy.FUSED, memory, Precision.BFLOAT16));
    return Stream.concat(Lowerings.all().stream(), inBFloat16);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void agreesWithPyTorchWithIdenticalBitsOnOneAndTwoThreads(String name, Lowering lowering) {
    var file = REFERENCE.resolve(name + ".safetensors");
    var one = Verification.run(file, new CpuBackend(1), lowering, new CpuBackend(1));
    var two = Verification.run(file, new CpuBackend(2), lowering, new CpuBackend(2));
    assertThat(one.pass()).as("%s", one).isTrue();
    assertThat(two.errors()).isEqualTo(one.errors());
  }
}
