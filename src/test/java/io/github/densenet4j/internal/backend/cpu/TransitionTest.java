package io.github.densenet4j.internal.backend.cpu;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class TransitionTest {
  private static final String SHAPES = "io.github.densenet4j.internal.backend.cpu.ConvolutionCase#poolable";

  @ParameterizedTest
  @MethodSource(SHAPES)
  void fprop(ConvolutionCase shape) {
    new ConvolutionChecks(ConvolutionKind.TRANSITION, shape).fprop();
  }

  @ParameterizedTest
  @MethodSource(SHAPES)
  void bprop(ConvolutionCase shape) {
    new ConvolutionChecks(ConvolutionKind.TRANSITION, shape).bprop();
  }

  @Test
  void fpropOfNotANumber() {
    new ConvolutionChecks(ConvolutionKind.TRANSITION, ConvolutionCase.small()).fpropOfNotANumber();
  }
}
