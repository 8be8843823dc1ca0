package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.github.densenet4j.internal.backend.Ceiling;
import io.github.densenet4j.internal.backend.LaunchTimes;
import io.github.densenet4j.internal.tensor.ElementType;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CeilingTest {
  private static Ceiling ceiling(Map<ElementType, Double> peaks) {
    return new Ceiling(peaks, 50e9, List.of(), LaunchTimes.NONE);
  }

  static List<InstructionSet> instructionSets() {
    return OpHarness.INSTRUCTION_SETS;
  }

  @ParameterizedTest
  @MethodSource("instructionSets")
  void isMeasuredWithEveryInstructionSet(InstructionSet isa) {
    var backend = new CpuBackend(1, isa);
    long before = backend.liveBytes();
    var ceiling = backend.measureCeiling().orElseThrow();
    assertThat(backend.liveBytes()).isEqualTo(before);
    assertThat(ceiling.peakFlops().containsKey(ElementType.BFLOAT16)).isEqualTo(isa == InstructionSet.AVX512_BF16);
    // Loops that were optimised away would be faster than any processor: 4 vectors of 16 multiply-adds at 8 GHz.
    assertThat(ceiling.peakFlops(ElementType.FLOAT32)).isBetween(1e8, 1.1e12);
    assertThat(ceiling.peakFlops(ElementType.BFLOAT16)).isBetween(1e8, 2.2e12);
    assertThat(ceiling.copyBytes()).isBetween(1e8, 1e12);
  }

  @Test
  void theRoofIsTheSlowerOfArithmeticAndTraffic() {
    var ceiling = ceiling(Map.of(ElementType.FLOAT32, 400e9));
    assertThat(ceiling.leastSeconds(ElementType.FLOAT32, 400_000, 50_000)).isCloseTo(1e-6, within(1e-18));
    assertThat(ceiling.leastSeconds(ElementType.FLOAT32, 400_000, 100_000)).isCloseTo(2e-6, within(1e-18));
    assertThat(ceiling.leastSeconds(ElementType.FLOAT32, 0, 100_000)).isCloseTo(2e-6, within(1e-18));
  }

  @Test
  void withoutAnInstructionForATypeTheFactorsBecomeFloat32() {
    var float32 = ceiling(Map.of(ElementType.FLOAT32, 400e9));
    assertThat(float32.peakFlops(ElementType.BFLOAT16)).isEqualTo(400e9);
    var both = ceiling(Map.of(ElementType.FLOAT32, 400e9, ElementType.BFLOAT16, 800e9));
    assertThat(both.peakFlops(ElementType.BFLOAT16)).isEqualTo(800e9);
  }
}
