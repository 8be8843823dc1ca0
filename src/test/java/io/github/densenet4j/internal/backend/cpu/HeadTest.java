package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.program.FusedOp;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@EnumSource(names = {"TIGHT", "WIDE"})
record HeadTest(Layout layout) {
  /** A last feature map and the number of classes. */
  record Shape(Pooling pool, int classes) {
    Shape(int batch, int height, int width, int channels, int classes) {
      this(new Pooling(batch, height, width, channels), classes);
    }

    /** The classifier is a 1x1 convolution of one pixel an image. */
    Convolution classifier() {
      return new Convolution(pool.batch(), 1, 1, pool.channels(), classes, 1, 1, 0);
    }

    NormOperands draw(OpHarness harness, double centre) {
      Place place = harness.place("x", pool.pixels(), pool.channels());
      return NormOperands.draw(harness, new Draws(pool.channels()), place, centre, NormOperands.FINE);
    }

    Operand weight(OpHarness harness, Draws draws) {
      return harness.source("weight", draws.normal(classifier().weights(), 0, 1));
    }

    Operand dlogits(OpHarness harness, Draws draws) {
      return harness.source("dlogits", draws.normal(pool.batch() * classes, 0, 0.1));
    }
  }

  static Stream<Shape> shapes() {
    return Stream.of(
        new Shape(1, 1, 1, 1, 1),
        new Shape(2, 2, 3, 7, 10),
        new Shape(3, 5, 5, 12, 13),
        new Shape(5, 8, 8, 13, 2),
        new Shape(1, 7, 9, 16, 100),
        new Shape(2, 13, 1, 17, 7),
        new Shape(40, 2, 2, 49, 13),
        new Shape(3, 3, 16, 80, 10),
        new Shape(1, 32, 32, 112, 3),
        new Shape(2, 7, 7, 207, 40));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void fprop(Shape shape) {
    checkForward(shape, 0);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void fpropFarFromZero(Shape shape) {
    checkForward(shape, 100);
  }

  private void checkForward(Shape shape, double centre) {
    var harness = new OpHarness(layout);
    var draws = new Draws(shape.classes);
    var x = shape.draw(harness, centre);
    var weight = shape.weight(harness, draws);
    var bias = harness.source("bias", draws.normal(shape.classes, 0, 1));
    var logits = harness.destination("logits", shape.pool.batch() * shape.classes);
    var pooled = harness.destination("pooled", shape.pool.batch() * shape.pool.channels());
    var op =
        new FusedOp.HeadFprop(
            logits.view(), pooled.view(), x.value().slice(), x.affine(), weight.view(), bias.view(),
            shape.pool.extent(), shape.pool.channels(), shape.classes);
    int pixels = Tolerance.ofEqualTerms(shape.pool.height() * shape.pool.width());
    var expectedPooled = shape.pool.global(Oracle.relu(x.values()));
    var expectedLogits = shape.classifier().fprop(expectedPooled, weight.values());
    var biases = Real.given(bias.values());
    for (int i = 0; i < expectedLogits.size(); i++) {
      expectedLogits.add(i, biases, i % shape.classes, 1);
    }
    harness.run(
        List.of(op),
        outcome -> {
          outcome.check(pooled, expectedPooled, pixels);
          outcome.check(logits, expectedLogits, pixels + shape.pool.channels());
        });
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void dgrad(Shape shape) {
    checkBackward(shape, false);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void dgradAddedToAnother(Shape shape) {
    checkBackward(shape, true);
  }

  private void checkBackward(Shape shape, boolean accumulate) {
    var harness = new OpHarness(layout);
    var draws = new Draws(shape.classes);
    var x = shape.draw(harness, accumulate ? 100 : 0);
    var weight = shape.weight(harness, draws);
    var dlogits = shape.dlogits(harness, draws);
    Place sum = harness.place("dx sum", shape.pool.pixels(), shape.pool.channels());
    var dx = GradientOperands.draw(harness, draws, sum, accumulate);
    var op =
        new FusedOp.HeadDgrad(
            dx.inputGradient(), dlogits.view(), x.input(), weight.view(), shape.pool.extent(), shape.pool.channels(),
            shape.classes);
    var dpooled = shape.classifier().dgrad(Real.given(dlogits.values()), weight.values());
    var da = shape.pool.globalGradient(dpooled);
    int pixels = Tolerance.ofEqualTerms(shape.pool.height() * shape.pool.width());
    harness.run(List.of(op), outcome -> dx.check(outcome, da, x.values(), shape.classes, pixels));
  }
}
