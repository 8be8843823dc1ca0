package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.github.densenet4j.error.DeviceException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Tests of kernels run on every instruction set that the processor has; here the others are counted. */
class InstructionSetTest {
  @ParameterizedTest
  @EnumSource
  void isThatOfItsLibrary(InstructionSet isa) {
    assumeTrue(
        OpHarness.INSTRUCTION_SETS.contains(isa),
        () ->
            "no kernel of " + isa.label() + " was tested: this processor has at most " + CpuBackend.best().label()
                + ", and this build the kernels for " + OpHarness.INSTRUCTION_SETS);
    assertThat(CpuLibrary.of(isa).instructionSet()).isEqualTo(isa.label());
  }

  @Test
  void thatWasNotBuiltIsOneSentence(@TempDir Path empty) {
    String before = System.getProperty("densenet4j.native");
    System.setProperty("densenet4j.native", empty.toString());
    try {
      assertThatThrownBy(() -> new CpuBackend(1, InstructionSet.GENERIC))
          .isInstanceOf(DeviceException.class)
          .hasMessage(
              "this build has no kernels for generic: scripts/build --all compiles them for every processor");
    } finally {
      if (before == null) {
        System.clearProperty("densenet4j.native");
      } else {
        System.setProperty("densenet4j.native", before);
      }
    }
  }
}
