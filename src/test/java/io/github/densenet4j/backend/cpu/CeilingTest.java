package io.github.densenet4j.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CeilingTest {
  private static Ceiling ceiling(Map<String, Double> peaks) {
    return new Ceiling(new LinkedHashMap<>(peaks), 50e9);
  }

  static List<InstructionSet> instructionSets() {
    return Stream.of(InstructionSet.values()).filter(isa -> isa.compareTo(CpuBackend.best()) <= 0).toList();
  }

  @ParameterizedTest
  @MethodSource("instructionSets")
  void isMeasuredWithEveryInstructionSet(InstructionSet isa) {
    var backend = new CpuBackend(1, isa);
    long before = backend.liveBytes();
    var ceiling = backend.measureCeiling();
    assertThat(backend.liveBytes()).isEqualTo(before);
    boolean dot = isa == InstructionSet.AVX512 && CpuBackend.features().contains("avx512bf16");
    assertThat(ceiling.peakFlops().keySet())
        .containsExactlyElementsOf(
            dot ? List.of(Ceiling.FP32, Ceiling.BF16) : List.of(Ceiling.FP32));
    // Loops that were optimised away would be faster than any processor: 4 vectors of 16 multiply-adds at 8 GHz.
    assertThat(ceiling.peakFlops(Ceiling.FP32)).isBetween(1e8, 1.1e12);
    assertThat(ceiling.peakFlops(Ceiling.BF16)).isBetween(1e8, 2.2e12);
    assertThat(ceiling.copyBytes()).isBetween(1e8, 1e12);
  }

  @Test
  void theRoofIsTheSlowerOfArithmeticAndTraffic() {
    var ceiling = ceiling(Map.of(Ceiling.FP32, 400e9));
    assertThat(ceiling.leastSeconds(Ceiling.FP32, 400_000, 50_000)).isCloseTo(1e-6, within(1e-18));
    assertThat(ceiling.leastSeconds(Ceiling.FP32, 400_000, 100_000)).isCloseTo(2e-6, within(1e-18));
    assertThat(ceiling.leastSeconds(Ceiling.FP32, 0, 100_000)).isCloseTo(2e-6, within(1e-18));
  }

  @Test
  void withoutAnInstructionForATypeTheFactorsBecomeFloat32() {
    assertThat(ceiling(Map.of(Ceiling.FP32, 400e9)).peakFlops(Ceiling.BF16)).isEqualTo(400e9);
    assertThat(ceiling(Map.of(Ceiling.FP32, 400e9, Ceiling.BF16, 800e9)).peakFlops(Ceiling.BF16)).isEqualTo(800e9);
  }
}
