package io.github.densenet4j.internal.backend.cpu;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class BnReluConv1x1Test {
  private static final String SHAPES = "io.github.densenet4j.internal.backend.cpu.ConvolutionCase#sweep";

  @ParameterizedTest
  @MethodSource(SHAPES)
  void fprop(ConvolutionCase shape) {
    new ConvolutionChecks(ConvolutionKind.CONV1X1, shape).fprop();
  }

  @ParameterizedTest
  @MethodSource(SHAPES)
  void bprop(ConvolutionCase shape) {
    new ConvolutionChecks(ConvolutionKind.CONV1X1, shape).bprop();
  }

  @Test
  void fpropOfNotANumber() {
    new ConvolutionChecks(ConvolutionKind.CONV1X1, ConvolutionCase.small()).fpropOfNotANumber();
  }

  @Test
  void statisticsOfNotANumber() {
    new ConvolutionChecks(ConvolutionKind.CONV1X1, ConvolutionCase.small()).statisticsOfNotANumber();
  }
}
