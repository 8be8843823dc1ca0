package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.internal.backend.cpu.Control;
import io.github.densenet4j.internal.backend.cpu.Draws;
import io.github.densenet4j.internal.backend.cpu.InputImages;
import io.github.densenet4j.internal.backend.cpu.Operand;
import io.github.densenet4j.internal.backend.cpu.Pooling;
import io.github.densenet4j.internal.backend.cpu.Tolerance;
import io.github.densenet4j.internal.backend.cuda.OpTrial.Spacing;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.tensor.ChannelSlice;
import io.github.densenet4j.internal.tensor.Dropout;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation on the software CUDA device beside the processor's, but those that have a test of their own. */
@Tag("cuda")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CudaOpsTest {
  @AutoClose private CudaBackend device;

  @BeforeAll
  void open() {
    SoftwareDevice.required();
    device = CudaBackend.software(CudaOptions.DEFAULT);
  }

  /** A channel slice of so many images. */
  record Shape(int batch, int height, int width, int channels, Spacing spacing) {
    /** Every number of channels with every extent, and all of these with every spacing. */
    static Stream<Shape> sweep() {
      return Stream.of(1, 7, 12, 13, 32)
          .flatMap(
              channels ->
                  Stream.of(Spacing.values())
                      .flatMap(
                          spacing ->
                              Stream.of(
                                  new Shape(1, 5, 5, channels, spacing),
                                  new Shape(3, 8, 8, channels, spacing),
                                  new Shape(3, 8, 5, channels, spacing),
                                  new Shape(1, 27, 27, channels, spacing))));
    }

    int pixels() {
      return batch * height * width;
    }

    Pooling pooling() {
      return new Pooling(batch, height, width, channels);
    }

    OpTrial trial() {
      return new OpTrial(batch, spacing);
    }

    Draws draws() {
      return new Draws(pixels() + channels);
    }

    float[] normal() {
      return draws().normal(pixels() * channels, 0, 1);
    }
  }

  static Stream<Shape> shapes() {
    return Shape.sweep();
  }

  static Stream<InputImages> images() {
    return InputImages.sweep();
  }

  @ParameterizedTest
  @MethodSource("images")
  void imagesAreNormalizedFlippedAndShiftedBitForBit(InputImages images) {
    var trial = new OpTrial(images.batch(), Spacing.PACKED);
    var y = trial.destination("y", images.values());
    var x = trial.words("x", false, images.pixelWords());
    var placement = trial.words("placement", false, images.placement());
    var table = trial.source("table", images.table());
    var op =
        new PlainOp.InputNormalize(
            y.view(), x.view(), placement.view(), table.view(), images.batch(), images.size(), images.channels());
    trial.run(op, device).checkSameBits();
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void concatenationsAreCopiedBitForBit(Shape shape) {
    var trial = shape.trial();
    var x = trial.source("x", shape.channels, shape.normal());
    var y = trial.destination("y", shape.pixels(), shape.channels);
    trial.run(new PlainOp.ConcatAppend(y.slice(), x.slice(), shape.pixels(), shape.channels), device).checkSameBits();
    var split = shape.trial();
    var dy = split.source("dy", shape.channels, shape.normal());
    var dx = split.destination("dx", shape.pixels(), shape.channels);
    split.run(new PlainOp.ConcatSplit(dx.slice(), dy.slice(), shape.pixels(), shape.channels, false), device)
        .checkSameBits();
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void gradientsOfConcatenationsAreAddedBitForBit(Shape shape) {
    var trial = shape.trial();
    var dy = trial.source("dy", shape.channels, shape.normal());
    var dx = trial.updated("dx", shape.channels, new Draws(2).normal(shape.pixels() * shape.channels, 0, 1));
    trial.run(new PlainOp.ConcatSplit(dx.slice(), dy.slice(), shape.pixels(), shape.channels, true), device)
        .checkSameBits();
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void reluIsTheProcessorsBitForBit(Shape shape) {
    var trial = shape.trial();
    var x = trial.source("x", shape.channels, shape.normal());
    var y = trial.destination("y", shape.pixels(), shape.channels);
    trial.run(new PlainOp.ReluFprop(y.slice(), x.slice(), shape.pixels(), shape.channels), device).checkSameBits();
    var inPlace = shape.trial();
    var both = inPlace.updated("x", shape.channels, shape.normal());
    inPlace.run(new PlainOp.ReluFprop(both.slice(), both.slice(), shape.pixels(), shape.channels), device)
        .checkSameBits();
    var backward = shape.trial();
    var before = backward.source("x", shape.channels, shape.normal());
    var gradient = backward.updated("dy", shape.channels, new Draws(3).normal(shape.pixels() * shape.channels, 0, 1));
    var op =
        new PlainOp.ReluDgrad(gradient.slice(), gradient.slice(), before.slice(), shape.pixels(), shape.channels);
    backward.run(op, device).checkSameBits();
  }

  private interface DropoutOf {
    Op of(ChannelSlice to, ChannelSlice from, Dropout dropout, long pixels, long channels);
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void dropoutIsTheProcessorsBitForBit(Shape shape) {
    for (DropoutOf kind : new DropoutOf[] {PlainOp.DropoutFprop::new, PlainOp.DropoutDgrad::new}) {
      var trial = shape.trial();
      var dropout = new Dropout(trial.control(new Control(0.1, 0x1_2345_6789L, 0x9876_5432_10FEL)).view(), 3, 0.2);
      var from = trial.source("from", shape.channels, shape.normal());
      var to = trial.destination("to", shape.pixels(), shape.channels);
      trial.run(kind.of(to.slice(), from.slice(), dropout, shape.pixels(), shape.channels), device).checkSameBits();
      var inPlace = shape.trial();
      var same = new Dropout(inPlace.control(new Control(0.1, 0, -1)).view(), 0, 0.5);
      var both = inPlace.updated("both", shape.channels, shape.normal());
      inPlace.run(kind.of(both.slice(), both.slice(), same, shape.pixels(), shape.channels), device).checkSameBits();
    }
  }

  @ParameterizedTest
  @CsvSource({"1, 0.1, 0.9, 1e-4", "13, 0, 0.9, 0.1", "257, 0.5, 0, 0", "140013, 0.01, 0.99, 5e-4"})
  void theOptimizersStepIsTheProcessorsBitForBit(int count, double rate, double momentum, double decay) {
    var trial = new OpTrial(1, Spacing.PACKED);
    var draws = new Draws(count);
    var parameters = trial.updated("parameters", draws.normal(count, 0, 1));
    var velocity = trial.updated("velocity", draws.normal(count, 0, 1));
    var gradients = trial.source("gradients", draws.normal(count, 0, 1));
    var control = trial.control(new Control(rate, 5, 7));
    var op =
        new PlainOp.SgdNesterov(
            parameters.view(), velocity.view(), gradients.view(), control.view(), momentum, decay, count);
    trial.run(op, device).checkSameBits();
  }

  @ParameterizedTest
  @CsvSource({"1, ODD", "13, ODD", "258, ODD", "257, ALIGNED", "14013, ALIGNED"})
  void theOptimizersStepOnARangeIsTheProcessorsAndTouchesNothingAround(int count, OpTrial.Spacing spacing) {
    var trial = new OpTrial(1, spacing);
    var draws = new Draws(count);
    var parameters = trial.updated("parameters", count, draws.normal(count, 0, 1));
    var velocity = trial.updated("velocity", count, draws.normal(count, 0, 1));
    var gradients = trial.source("gradients", count, draws.normal(count, 0, 1));
    var control = trial.control(new Control(0.1, 5, 7));
    var op =
        new PlainOp.SgdNesterov(
            parameters.view(), velocity.view(), gradients.view(), control.view(), 0.9, 1e-4, count);
    trial.run(op, device).checkSameBits();
  }

  static Stream<Shape> poolable() {
    return shapes().filter(shape -> shape.batch == 3 || shape.height == 27);
  }

  @ParameterizedTest
  @MethodSource("poolable")
  void maximaAreTheProcessorsBitForBitAndTheirGradientsAgree(Shape shape) {
    var pooling = shape.pooling();
    int pooled = pooling.largestPixels();
    var trial = shape.trial();
    var x = trial.source("x", shape.channels, shape.normal());
    var y = trial.destination("y", pooled, shape.channels);
    trial.run(new PlainOp.MaxpoolFprop(y.slice(), x.slice(), pooling.extent(), shape.channels), device).checkSameBits();
    // cuDNN takes no gradients with strides other than those of the maxima, which the engine packs as programs do.
    var backward = new OpTrial(shape.batch, Spacing.PACKED);
    var same = backward.source("x", shape.channels, shape.normal());
    var dy = backward.source("dy", shape.channels, new Draws(4).uniform(pooled * shape.channels, -1, 1));
    var dx = backward.destination("dx", shape.pixels(), shape.channels);
    var op = new PlainOp.MaxpoolDgrad(dx.slice(), dy.slice(), same.slice(), pooling.extent(), shape.channels);
    int windows = 4; // that a pixel lies in, each with a gradient of at most 1
    backward.run(op, device).check(dx, _ -> Tolerance.of(windows, windows));
  }

  @ParameterizedTest
  @MethodSource("poolable")
  void meansOfPairsAndOfAllPixelsAgree(Shape shape) {
    checkMeans(shape, 2);
    if (shape.height == shape.width) {
      checkMeans(shape, shape.height);
    }
  }

  private void checkMeans(Shape shape, int window) {
    var pooling = shape.pooling();
    int pooled = pooling.averagedPixels(window);
    var trial = shape.trial();
    var x = trial.source("x", shape.channels, shape.normal());
    var y = trial.destination("y", pooled, shape.channels);
    trial.run(new PlainOp.AvgpoolFprop(y.slice(), x.slice(), pooling.extent(), shape.channels, window), device)
        .checkSum(y, window * window);
    var backward = shape.trial();
    var dy = backward.source("dy", shape.channels, shape.draws().normal(pooled * shape.channels, 0, 1));
    var dx = backward.destination("dx", shape.pixels(), shape.channels);
    backward.run(new PlainOp.AvgpoolDgrad(dx.slice(), dy.slice(), pooling.extent(), shape.channels, window), device)
        .checkSum(dx, 1);
  }

  @ParameterizedTest
  @CsvSource({"1, 2, 1", "1, 13, 1", "3, 7, 10", "3, 10, 1", "33, 10, 5", "64, 100, 3", "3, 1000, 0.01"})
  void lossGradientAndCountAgree(int batch, int classes, double deviation) {
    var trial = new OpTrial(batch, Spacing.PACKED);
    var draws = new Draws(classes);
    Operand logits = trial.source("logits", draws.normal(batch * classes, 0, deviation));
    int[] classOf = draws.integers(batch, classes);
    var labels = trial.words("labels", false, classOf);
    var loss = trial.destination("loss", 2);
    var correct = trial.destination("correct", 2);
    var dlogits = trial.destination("dlogits", batch * classes);
    var op =
        new PlainOp.SoftmaxXent(
            loss.view(), correct.view(), dlogits.view(), logits.view(), labels.view(), batch, classes);
    var outcome = trial.run(op, device);
    assertThat(outcome.device().bytes(correct)).isEqualTo(outcome.processor().bytes(correct));
    double[] expected = outcome.processor().values(dlogits);
    outcome.check(dlogits, i -> Tolerance.of(0, magnitude(expected[i], i % classes == classOf[i / classes], batch)));
    double mean = outcome.processor().bytes(loss).getDouble();
    assertThat(Math.abs(outcome.device().bytes(loss).getDouble() - mean))
        .isLessThanOrEqualTo(2 * Tolerance.of(0, mean));
  }

  /** Of p / batch, or of (p - 1) / batch. */
  private static double magnitude(double dlogit, boolean label, int batch) {
    return label ? 2.0 / batch - Math.abs(dlogit) : dlogit;
  }
}
