package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

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
            "no kernel of " + isa.label() + " was tested, because this processor has at most " + CpuBackend.best().label());
    assertThat(CpuLibrary.of(isa).instructionSet()).isEqualTo(isa.label());
  }
}
