package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.backend.cpu.ConvolutionCase.Trait;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.Dropout;
import io.github.densenet4j.internal.tensor.Extent;
import io.github.densenet4j.internal.tensor.Statistics;
import java.util.Arrays;
import java.util.List;

/** The three passes of one convolution of one shape against the oracle. */
final class ConvolutionChecks {
  private static final Control CONTROL = new Control(0.1, 70_001, 0x1234_5678_9abc_def0L);

  private final ConvolutionKind kind;
  private final ConvolutionCase shape;
  private final Convolution convolution;
  private final OpHarness harness;
  private final Draws draws;
  private final Operand control;
  private final Dropout dropout;
  private final Extent extent;
  private final int taps;

  /** Terms of the average pool, summed before the convolution. */
  private final int pooled;

  ConvolutionChecks(ConvolutionKind kind, ConvolutionCase shape) {
    this.kind = kind;
    this.shape = shape;
    convolution = kind.convolution(shape.batch(), shape.height(), shape.width(), shape.in(), shape.out());
    harness = new OpHarness(shape.layout());
    draws = new Draws(1000L * shape.in() + shape.out());
    control = CONTROL.in(harness);
    dropout = new Dropout(control.view(), 5, shape.has(Trait.DROPOUT) ? 0.3 : 0);
    extent = new Extent(shape.batch(), shape.height(), shape.width());
    taps = convolution.kernel() * convolution.kernel();
    pooled = kind.pooled ? 4 : 0;
  }

  /** The forward pass and its operands; no statistics are null. */
  private record Forward(NormOperands x, Operand weight, Operand y, Operand mean, Operand variance, Op op) {}

  private Forward forward() {
    List<Place> places = places("x", "y");
    var x = NormOperands.draw(harness, draws, places.get(0), shape.centre(), NormOperands.FINE);
    var y = harness.destination(places.get(1));
    var weight = harness.source("weight", weight());
    var wanted = shape.has(Trait.STATISTICS);
    var mean = wanted ? harness.destination("y mean", shape.out()) : null;
    var variance = wanted ? harness.destination("y variance", shape.out()) : null;
    var statistics = wanted ? new Statistics(mean.view(), variance.view()) : Statistics.NONE;
    var op =
        kind.fprop.of(
            y.slice(), statistics, x.value().slice(), x.affine(), weight.view(), dropout, extent, shape.in(),
            shape.out());
    return new Forward(x, weight, y, mean, variance, op);
  }

  void fprop() {
    var pass = forward();
    Real activation = Oracle.relu(pass.x.values());
    var expected = kind.fprop(convolution, activation, pass.weight.values()).times(mask());
    harness.run(
        List.of(pass.op),
        outcome -> {
          outcome.check(pass.y, expected, shape.in() * taps + pooled);
          if (pass.mean != null) {
            outcome.checkStatistics(pass.y, pass.mean, pass.variance);
          }
        });
  }

  /** A value that is not a number reaches every channel of its pixel, and no pixel far from it. */
  void fpropOfNotANumber() {
    var pass = forward();
    pass.x.value().words()[0] = Float.floatToRawIntBits(Float.NaN);
    harness.run(
        List.of(pass.op),
        outcome -> {
          double[] y = outcome.values(pass.y);
          assertThat(Arrays.stream(y, 0, shape.out())).allMatch(value -> Double.isNaN(value));
          assertThat(Arrays.stream(y, y.length - shape.out(), y.length)).noneMatch(value -> Double.isNaN(value));
        });
  }

  /** Statistics of channels with a value that is not a number are not numbers. */
  void statisticsOfNotANumber() {
    var pass = forward();
    pass.x.value().words()[0] = Float.floatToRawIntBits(Float.NaN);
    harness.run(
        List.of(pass.op),
        outcome -> {
          assertThat(Arrays.stream(outcome.values(pass.mean))).allMatch(value -> Double.isNaN(value));
          assertThat(Arrays.stream(outcome.values(pass.variance))).allMatch(value -> Double.isNaN(value));
        });
  }

  void bprop() {
    List<Place> values = places("x", "y");
    List<Place> sums = places("dx sum", "y sum");
    var x = NormOperands.draw(harness, draws, values.get(0), shape.centre(), NormOperands.FINE);
    var y = OutputOperands.draw(harness, draws, sums.get(1), values.get(1), shape.centre());
    var dx = GradientOperands.draw(harness, draws, sums.get(0), shape.has(Trait.ACCUMULATE));
    var weight = harness.source("weight", weight());
    var dweight = harness.destination("dweight", convolution.weights());
    var op =
        kind.bprop.of(
            dx.inputGradient(), dweight.view(), y.output(), x.input(), weight.view(), dropout, extent, shape.in(),
            shape.out());
    var dy = y.gradient().times(mask());
    var da = kind.dgrad(convolution, dy, weight.values());
    var expected = kind.wgrad(convolution, Oracle.relu(x.values()), dy);
    harness.run(
        List.of(op),
        outcome -> {
          dx.check(outcome, da, x.values(), shape.out() * taps);
          outcome.check(dweight, expected, kind.outPixels(convolution) + pooled);
        });
  }

  /** Of the input and of the output: neighbours in one buffer if the layout says so and the pool lets them. */
  private List<Place> places(String input, String output) {
    if (shape.layout() == Layout.SHARED && !kind.pooled) {
      return harness.adjacent(input + " and " + output, convolution.outPixels(), shape.in(), shape.out());
    }
    int pixels = shape.batch() * shape.height() * shape.width();
    return List.of(
        harness.place(input, pixels, shape.in()), harness.place(output, kind.outPixels(convolution), shape.out()));
  }

  /** Far from zero, every output is the constant channel 0 and a sum of the other channels. */
  private float[] weight() {
    float[] weight = draws.normal(convolution.weights(), 0, 1 / Math.sqrt(shape.in() * taps));
    for (int o = 0; o < shape.out() && shape.has(Trait.FAR); o++) {
      int first = o * shape.in() * taps;
      Arrays.fill(weight, first, first + taps, 0);
      weight[first + taps / 2] = 1;
    }
    return weight;
  }

  private double[] mask() {
    return CONTROL.mask(dropout, kind.outPixels(convolution) * shape.out());
  }
}
