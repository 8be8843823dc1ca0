package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.config.CudaOptions;
import io.github.densenet4j.internal.backend.cpu.Convolution;
import io.github.densenet4j.internal.backend.cpu.Draws;
import io.github.densenet4j.internal.backend.cpu.Operand;
import io.github.densenet4j.internal.backend.cuda.OpTrial.Comparison;
import io.github.densenet4j.internal.backend.cuda.OpTrial.Spacing;
import io.github.densenet4j.internal.program.PlainOp;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Convolutions and matrix products on the software CUDA device beside the processor's, in float32 and in TF32. */
@Tag("cuda")
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class CudaProductsTest {
  @AutoClose private CudaBackend device;
  @AutoClose private CudaBackend tf32;

  @BeforeAll
  void open() {
    SoftwareDevice.required();
    device = CudaBackend.software(CudaOptions.DEFAULT);
    tf32 = CudaBackend.software(CudaOptions.DEFAULT.withTf32(true));
  }

  /**
   * On packed tensors, the only ones that a program convolves: the kernels and strides of a DenseNet, each with every
   * extent, and with every pair of channels.
   */
  static Stream<Convolution> convolutions() {
    var channels =
        List.of(new int[] {1, 7}, new int[] {7, 12}, new int[] {12, 13}, new int[] {13, 32}, new int[] {32, 1});
    var kernels = List.of(new int[] {1, 1}, new int[] {3, 1}, new int[] {3, 2}, new int[] {7, 2});
    var shapes = new ArrayList<Convolution>();
    for (var kernel : kernels) {
      for (var pair : channels) {
        shapes.add(convolution(1, 5, 5, pair, kernel));
        shapes.add(convolution(3, 8, 8, pair, kernel));
        shapes.add(convolution(3, 8, 5, pair, kernel));
        shapes.add(convolution(1, 27, 27, pair, kernel));
      }
    }
    return shapes.stream();
  }

  private static Convolution convolution(int batch, int height, int width, int[] channels, int[] kernel) {
    return new Convolution(batch, height, width, channels[0], channels[1], kernel[0], kernel[1], kernel[0] / 2);
  }

  /** Those that a program asks the gradient of the input of. */
  static Stream<Convolution> unstrided() {
    return convolutions().filter(shape -> shape.stride() == 1);
  }

  private interface Check {
    void of(Comparison outcome, Operand result, int terms);
  }

  private void check(CudaBackend on, Convolution shape, Check check) {
    fprop(on, shape, check);
    wgrad(on, shape, check);
    if (shape.stride() == 1) {
      dgrad(on, shape, check);
    }
  }

  @ParameterizedTest
  @MethodSource("convolutions")
  void fprop(Convolution shape) {
    fprop(device, shape, Comparison::checkSum);
  }

  @ParameterizedTest
  @MethodSource("convolutions")
  void wgrad(Convolution shape) {
    wgrad(device, shape, Comparison::checkSum);
  }

  @ParameterizedTest
  @MethodSource("unstrided")
  void dgrad(Convolution shape) {
    dgrad(device, shape, Comparison::checkSum);
  }

  @ParameterizedTest
  @CsvSource({"1, 7, 2", "3, 1, 10", "3, 12, 13", "33, 32, 100", "1, 207, 1"})
  void linear(int batch, int in, int out) {
    linear(device, batch, in, out, Comparison::checkSum);
  }

  @ParameterizedTest
  @CsvSource({"3, 8, 8, 12, 13, 1, 1", "3, 8, 5, 13, 32, 3, 1", "1, 27, 27, 7, 12, 7, 2"})
  void convolutionsInTf32(int batch, int height, int width, int in, int out, int kernel, int stride) {
    var shape = new Convolution(batch, height, width, in, out, kernel, stride, kernel / 2);
    check(tf32, shape, Comparison::checkRoundedSum);
  }

  @ParameterizedTest
  @CsvSource({"3, 12, 10", "33, 207, 13"})
  void productsInTf32(int batch, int in, int out) {
    linear(tf32, batch, in, out, Comparison::checkRoundedSum);
  }

  private void fprop(CudaBackend on, Convolution shape, Check check) {
    var trial = new OpTrial(shape.batch(), Spacing.PACKED);
    var draws = new Draws(shape.window());
    var x = trial.source("x", shape.in(), draws.normal(shape.pixels() * shape.in(), 0, 1));
    var weight = trial.source("weight", draws.normal(shape.weights(), 0, 1));
    var y = trial.destination("y", shape.outPixels(), shape.out());
    var op =
        new PlainOp.ConvFprop(
            y.slice(), x.slice(), weight.view(), shape.extent(), shape.in(), shape.out(), shape.kernel(),
            shape.stride(), shape.padding());
    check.of(trial.run(op, on), y, shape.window());
  }

  private void wgrad(CudaBackend on, Convolution shape, Check check) {
    var trial = new OpTrial(shape.batch(), Spacing.PACKED);
    var draws = new Draws(shape.window());
    var x = trial.source("x", shape.in(), draws.normal(shape.pixels() * shape.in(), 0, 1));
    var dy = trial.source("dy", shape.out(), draws.normal(shape.outPixels() * shape.out(), 0, 1));
    var dweight = trial.destination("dweight", shape.weights());
    var op =
        new PlainOp.ConvWgrad(
            dweight.view(), dy.slice(), x.slice(), shape.extent(), shape.in(), shape.out(), shape.kernel(),
            shape.stride(), shape.padding());
    check.of(trial.run(op, on), dweight, shape.outPixels());
  }

  private void dgrad(CudaBackend on, Convolution shape, Check check) {
    var trial = new OpTrial(shape.batch(), Spacing.PACKED);
    var draws = new Draws(shape.window());
    var dy = trial.source("dy", shape.out(), draws.normal(shape.outPixels() * shape.out(), 0, 1));
    var weight = trial.source("weight", draws.normal(shape.weights(), 0, 1));
    var dx = trial.destination("dx", shape.pixels(), shape.in());
    var op =
        new PlainOp.ConvDgrad(
            dx.slice(), dy.slice(), weight.view(), shape.extent(), shape.in(), shape.out(), shape.kernel());
    check.of(trial.run(op, on), dx, shape.out() * shape.kernel() * shape.kernel());
  }

  private void linear(CudaBackend on, int batch, int in, int out, Check check) {
    var draws = new Draws(in);
    float[] inputs = draws.normal(batch * in, 0, 1);
    float[] weights = draws.normal(out * in, 0, 1);
    float[] gradients = draws.normal(batch * out, 0, 1);
    var fprop = new OpTrial(batch, Spacing.PACKED);
    var x = fprop.source("x", inputs);
    var weight = fprop.source("weight", weights);
    var bias = fprop.source("bias", draws.normal(out, 0, 1));
    var y = fprop.destination("y", batch * out);
    check.of(
        fprop.run(new PlainOp.LinearFprop(y.view(), x.view(), weight.view(), bias.view(), batch, in, out), on), y, in);

    var dgrad = new OpTrial(batch, Spacing.PACKED);
    var dy = dgrad.source("dy", gradients);
    var sameWeight = dgrad.source("weight", weights);
    var dx = dgrad.destination("dx", batch * in);
    check.of(
        dgrad.run(new PlainOp.LinearDgrad(dx.view(), dy.view(), sameWeight.view(), batch, in, out), on), dx, out);

    var wgrad = new OpTrial(batch, Spacing.PACKED);
    var sameDy = wgrad.source("dy", gradients);
    var sameX = wgrad.source("x", inputs);
    var dweight = wgrad.destination("dweight", out * in);
    var dbias = wgrad.destination("dbias", out);
    var outcome =
        wgrad.run(
            new PlainOp.LinearWgrad(dweight.view(), dbias.view(), sameDy.view(), sameX.view(), batch, in, out), on);
    check.of(outcome, dweight, batch);
    outcome.checkSum(dbias, batch);
  }
}
