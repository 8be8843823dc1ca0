package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.program.PlainOp;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@EnumSource(names = {"TIGHT", "WIDE"})
record ConvTest(Layout layout) {
  private static Convolution unstrided(int kernel, int batch, int height, int width, int in, int out) {
    return new Convolution(batch, height, width, in, out, kernel, 1, kernel / 2);
  }

  private static Convolution strided(int kernel, int batch, int height, int width, int in, int out) {
    return new Convolution(batch, height, width, in, out, kernel, 2, kernel / 2);
  }

  /** Kernels of 1 and 3, stride 1: all that dense layers and transitions are made of. */
  static Stream<Convolution> unstrided() {
    return Stream.of(1, 3)
        .flatMap(
            kernel ->
                Stream.of(
                    unstrided(kernel, 1, 1, 1, 1, 1),
                    unstrided(kernel, 2, 1, 3, 7, 1),
                    unstrided(kernel, 1, 2, 3, 1, 7),
                    unstrided(kernel, 3, 5, 7, 13, 12),
                    unstrided(kernel, 5, 8, 9, 16, 13),
                    unstrided(kernel, 2, 13, 16, 24, 49),
                    unstrided(kernel, 1, 9, 2, 207, 17),
                    unstrided(kernel, 2, 7, 5, 17, 207),
                    unstrided(kernel, 2, 32, 32, 3, 16),
                    unstrided(kernel, 1, 17, 31, 48, 12),
                    unstrided(kernel, 33, 3, 3, 12, 13)));
  }

  /** The stems of CIFAR (kernel 3) and of ImageNet (7, stride 2), and a kernel of 3 with stride 2. */
  static Stream<Convolution> shapes() {
    return Stream.concat(
        unstrided(),
        Stream.of(
            strided(7, 2, 1, 2, 3, 13),
            strided(7, 1, 7, 5, 1, 17),
            strided(7, 3, 9, 13, 3, 64),
            strided(7, 2, 32, 31, 3, 20),
            strided(7, 5, 16, 8, 2, 40),
            strided(3, 2, 1, 1, 7, 13),
            strided(3, 3, 5, 8, 13, 7),
            strided(3, 1, 16, 17, 16, 49),
            strided(3, 33, 4, 3, 1, 12)));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void fprop(Convolution shape) {
    var harness = new OpHarness(layout);
    var draws = new Draws(shape.weights());
    var x = harness.source(harness.place("x", shape.pixels(), shape.in()), draws.normal(inputs(shape), 0, 1));
    var weight = weight(harness, draws, shape);
    var y = harness.destination(harness.place("y", shape.outPixels(), shape.out()));
    var op =
        new PlainOp.ConvFprop(
            y.slice(), x.slice(), weight.view(), shape.extent(), shape.in(), shape.out(), shape.kernel(),
            shape.stride(), shape.padding());
    var values = Real.given(x.values());
    var expected =
        TiledConvolution.suits(shape)
            ? new TiledConvolution(shape, WinogradTile.SMALL).fprop(values, weight.values())
            : shape.fprop(values, weight.values());
    harness.run(List.of(op), outcome -> outcome.check(y, expected, shape.window()));
  }

  @ParameterizedTest
  @MethodSource("unstrided")
  void dgrad(Convolution shape) {
    var harness = new OpHarness(layout);
    var draws = new Draws(shape.weights());
    var dy = harness.source(harness.place("dy", shape.outPixels(), shape.out()), draws.normal(outputs(shape), 0, 1));
    var weight = weight(harness, draws, shape);
    var dx = harness.destination(harness.place("dx", shape.pixels(), shape.in()));
    var op =
        new PlainOp.ConvDgrad(
            dx.slice(), dy.slice(), weight.view(), shape.extent(), shape.in(), shape.out(), shape.kernel());
    var gradient = Real.given(dy.values());
    var expected =
        TiledConvolution.suits(shape)
            ? new TiledConvolution(shape, WinogradTile.SMALL).dgrad(gradient, weight.values())
            : shape.dgrad(gradient, weight.values());
    int terms = shape.out() * shape.kernel() * shape.kernel();
    harness.run(List.of(op), outcome -> outcome.check(dx, expected, terms));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void wgrad(Convolution shape) {
    var harness = new OpHarness(layout);
    var draws = new Draws(shape.weights());
    var x = harness.source(harness.place("x", shape.pixels(), shape.in()), draws.normal(inputs(shape), 0, 1));
    var dy = harness.source(harness.place("dy", shape.outPixels(), shape.out()), draws.normal(outputs(shape), 0, 1));
    var dweight = harness.destination("dweight", shape.weights());
    var op =
        new PlainOp.ConvWgrad(
            dweight.view(), dy.slice(), x.slice(), shape.extent(), shape.in(), shape.out(), shape.kernel(),
            shape.stride(), shape.padding());
    var values = Real.given(x.values());
    var gradient = Real.given(dy.values());
    var expected =
        TiledConvolution.suits(shape)
            ? new TiledConvolution(shape, WinogradTile.SMALL).wgradByOutput(values, gradient)
            : shape.wgrad(values, gradient);
    harness.run(List.of(op), outcome -> outcome.check(dweight, expected, shape.outPixels()));
  }

  private static Operand weight(OpHarness harness, Draws draws, Convolution shape) {
    return harness.source("weight", draws.normal(shape.weights(), 0, 1 / Math.sqrt(shape.window())));
  }

  private static int inputs(Convolution shape) {
    return shape.pixels() * shape.in();
  }

  private static int outputs(Convolution shape) {
    return shape.outPixels() * shape.out();
  }
}
