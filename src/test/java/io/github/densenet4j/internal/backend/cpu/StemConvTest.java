package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.tensor.Statistics;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@EnumSource(names = {"TIGHT", "WIDE"})
record StemConvTest(Layout layout) {
  /** The CIFAR stem is 3x3, stride 1, padding 1. */
  private static Convolution cifar(int batch, int height, int width, int in, int out) {
    return new Convolution(batch, height, width, in, out, 3, 1, 1);
  }

  /** The ImageNet stem is 7x7, stride 2, padding 3. */
  private static Convolution imagenet(int batch, int height, int width, int in, int out) {
    return new Convolution(batch, height, width, in, out, 7, 2, 3);
  }

  static Stream<Convolution> shapes() {
    return Stream.of(
        cifar(2, 1, 1, 1, 1),
        cifar(1, 2, 3, 3, 7),
        cifar(3, 5, 7, 1, 16),
        cifar(5, 8, 9, 3, 24),
        cifar(2, 13, 16, 4, 49),
        cifar(2, 32, 32, 3, 16),
        cifar(1, 9, 2, 17, 12),
        imagenet(2, 1, 2, 3, 13),
        imagenet(1, 7, 5, 1, 17),
        imagenet(3, 9, 13, 3, 64),
        imagenet(2, 32, 31, 3, 20),
        imagenet(5, 16, 8, 2, 40),
        new Convolution(1, 5, 5, 2, 7, 1, 1, 0),
        new Convolution(2, 8, 11, 3, 12, 5, 3, 0),
        new Convolution(33, 8, 8, 1, 13, 3, 1, 1));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void fprop(Convolution shape) {
    checkForward(shape, 0);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void fpropFarFromZero(Convolution shape) {
    checkForward(shape, 100);
  }

  /** Outputs have a mean of {@code centre} and a standard deviation of 1. */
  private void checkForward(Convolution shape, double centre) {
    var harness = new OpHarness(layout);
    var draws = new Draws(shape.weights());
    var image = harness.source("image", draws.normal(shape.pixels() * shape.in(), centre, 1));
    var weight = harness.source("weight", weight(shape, draws, centre));
    var y = harness.destination(harness.place("y", shape.outPixels(), shape.out()));
    var mean = harness.destination("y mean", shape.out());
    var variance = harness.destination("y variance", shape.out());
    var op =
        new FusedOp.StemConvFprop(
            y.slice(), new Statistics(mean.view(), variance.view()), image.view(), weight.view(), shape.extent(),
            shape.in(), shape.out(), shape.kernel(), shape.stride(), shape.padding());
    var expected = shape.fprop(Real.given(image.values()), weight.values());
    harness.run(
        List.of(op),
        outcome -> {
          outcome.check(y, expected, shape.window());
          outcome.checkStatistics(y, mean, variance);
        });
  }

  /** Far from zero each output is one pixel of the image, so that all have the same mean, at the border too. */
  private static float[] weight(Convolution shape, Draws draws, double centre) {
    if (centre == 0) {
      return draws.normal(shape.weights(), 0, 1 / Math.sqrt(shape.window()));
    }
    var weight = new float[shape.weights()];
    int middle = shape.kernel() * shape.kernel() / 2;
    for (int o = 0; o < shape.out(); o++) {
      weight[o * shape.window() + middle] = 1;
    }
    return weight;
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void wgrad(Convolution shape) {
    var harness = new OpHarness(layout);
    var draws = new Draws(shape.weights());
    var image = harness.source("image", draws.normal(shape.pixels() * shape.in(), 0, 1));
    Place sum = harness.place("y sum", shape.outPixels(), shape.out());
    var y = OutputOperands.draw(harness, draws, sum, harness.place("y", shape.outPixels(), shape.out()), 0);
    var dweight = harness.destination("dweight", shape.weights());
    var op =
        new FusedOp.StemConvWgrad(
            dweight.view(), y.output(), image.view(), shape.extent(), shape.in(), shape.out(), shape.kernel(),
            shape.stride(), shape.padding());
    var expected = shape.wgrad(Real.given(image.values()), y.gradient());
    harness.run(List.of(op), outcome -> outcome.check(dweight, expected, shape.outPixels()));
  }
}
