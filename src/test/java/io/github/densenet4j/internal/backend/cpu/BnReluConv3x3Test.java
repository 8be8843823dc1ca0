package io.github.densenet4j.internal.backend.cpu;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BnReluConv3x3Test {
  private static final String SHAPES = "io.github.densenet4j.internal.backend.cpu.ConvolutionCase#sweep";

  @ParameterizedTest
  @MethodSource(SHAPES)
  void fprop(ConvolutionCase shape) {
    new ConvolutionChecks(ConvolutionKind.CONV3X3, shape).fprop();
  }

  @ParameterizedTest
  @MethodSource(SHAPES)
  void bprop(ConvolutionCase shape) {
    new ConvolutionChecks(ConvolutionKind.CONV3X3, shape).bprop();
  }

  @Test
  void fpropOfNotANumber() {
    new ConvolutionChecks(ConvolutionKind.CONV3X3, ConvolutionCase.small()).fpropOfNotANumber();
  }
}
