package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.tensor.Extent;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;
import org.junit.jupiter.api.Named;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Native forward and backward passes against central differences of the loss in double precision. */
class FiniteDifferenceTest {
  private static final int CHANNELS = 7;

  /** A tensor that moves by {@link FiniteDifferences#STEP} moves its pre-activations by a few times that. */
  private static final double MARGIN = 20 * FiniteDifferences.STEP;

  private static final int MOST_DRAWS = 200;

  /** Draws a consumer of x. */
  private interface Draw {
    Branch draw(OpHarness harness, Draws draws, BranchInput x);
  }

  private static Draw convolution(ConvolutionKind kind, int in, int out, double rate) {
    return (harness, draws, x) -> ConvolutionBranch.draw(harness, draws, x, kind, in, out, rate);
  }

  private static Draw maxpool(int channels) {
    return (harness, draws, x) -> MaxpoolBranch.draw(harness, draws, x, channels);
  }

  private static Draw head(int channels, int classes) {
    return (harness, draws, x) -> HeadBranch.draw(harness, draws, x, channels, classes);
  }

  /** In the order of the backward pass: the first overwrites x's gradient, the others add to it. */
  static Stream<Named<List<Draw>>> consumers() {
    var conv1x1 = convolution(ConvolutionKind.CONV1X1, CHANNELS, 5, 0);
    var conv3x3 = convolution(ConvolutionKind.CONV3X3, CHANNELS, 4, 0);
    var transition = convolution(ConvolutionKind.TRANSITION, CHANNELS, 3, 0);
    return Stream.of(
        Named.of("conv1x1", List.of(conv1x1)),
        Named.of("conv1x1 with dropout", List.of(convolution(ConvolutionKind.CONV1X1, CHANNELS, 5, 0.3))),
        Named.of("conv3x3", List.of(conv3x3)),
        Named.of("conv3x3 with dropout", List.of(convolution(ConvolutionKind.CONV3X3, CHANNELS, 4, 0.3))),
        Named.of("transition", List.of(transition)),
        Named.of("transition with dropout", List.of(convolution(ConvolutionKind.TRANSITION, CHANNELS, 3, 0.3))),
        Named.of("max pool", List.of(maxpool(CHANNELS))),
        Named.of("head", List.of(head(CHANNELS, 4))),
        Named.of("two bottlenecks", List.of(conv1x1, convolution(ConvolutionKind.CONV1X1, CHANNELS, 6, 0))),
        Named.of("transition and a bottleneck before the last channels",
            List.of(transition, convolution(ConvolutionKind.CONV1X1, 5, 6, 0))),
        Named.of("head and two dense layers",
            List.of(head(CHANNELS, 3), convolution(ConvolutionKind.CONV3X3, 5, 2, 0),
                convolution(ConvolutionKind.CONV3X3, 3, 2, 0.3))),
        Named.of("transition and max pool", List.of(transition, maxpool(4))));
  }

  /** x and its consumers. */
  private record Graph(OpHarness harness, BranchInput x, List<Branch> branches) {
    static Graph draw(long seed, List<Draw> consumers) {
      var harness = new OpHarness(Layout.WIDE);
      var draws = new Draws(seed);
      var x = BranchInput.draw(harness, draws, new Extent(2, 5, 4), CHANNELS);
      return new Graph(harness, x, consumers.stream().map(draw -> draw.draw(harness, draws, x)).toList());
    }

    double margin() {
      return branches.stream().mapToDouble(branch -> branch.margin(x.value().values())).min().orElseThrow();
    }

    List<Op> ops() {
      var ops = new ArrayList<Op>();
      branches.forEach(branch -> ops.addAll(branch.forward()));
      for (int i = 0; i < branches.size(); i++) {
        ops.addAll(branches.get(i).backward(i > 0));
      }
      return ops;
    }

    double loss(double[] values) {
      return branches.stream().mapToDouble(branch -> branch.loss(values, parameters(branch))).sum();
    }

    static List<double[]> parameters(Branch branch) {
      return branch.parameters().stream().map(parameter -> parameter.value().values()).toList();
    }
  }

  @ParameterizedTest
  @MethodSource("consumers")
  void gradientsOfConsumers(List<Draw> consumers) {
    Graph graph =
        Stream.iterate(0L, seed -> seed + 1).limit(MOST_DRAWS).map(seed -> Graph.draw(seed, consumers))
            .filter(drawn -> drawn.margin() > MARGIN).findFirst().orElseThrow();
    double[] x = graph.x.value().values();
    double[] dx = FiniteDifferences.gradient(graph::loss, x);
    int roundings = graph.branches.stream().mapToInt(Branch::roundings).sum();
    var checks = graph.branches.stream().flatMap(branch -> parameterChecks(branch, x)).toList();
    graph.harness.run(
        graph.ops(),
        outcome -> {
          checks.forEach(check -> check.check(outcome));
          check(outcome.label() + " dx", graph.x.corrected(outcome), dx, roundings);
        });
  }

  private record ParameterCheck(Operand operand, double[] expected, int roundings) {
    void check(Outcome outcome) {
      String what = outcome.label() + " " + operand.place().buffer().name();
      FiniteDifferenceTest.check(what, outcome.values(operand), expected, roundings);
    }
  }

  private static Stream<ParameterCheck> parameterChecks(Branch branch, double[] x) {
    var checks = new ArrayList<ParameterCheck>();
    for (int k = 0; k < branch.parameters().size(); k++) {
      int index = k;
      ToDoubleFunction<double[]> loss =
          values -> {
            var parameters = new ArrayList<>(Graph.parameters(branch));
            parameters.set(index, values);
            return branch.loss(x, parameters);
          };
      var parameter = branch.parameters().get(k);
      double[] gradient = FiniteDifferences.gradient(loss, parameter.value().values());
      checks.add(new ParameterCheck(parameter.gradient(), gradient, branch.roundings()));
    }
    return checks.stream();
  }

  static void check(String what, double[] actual, double[] expected, int roundings) {
    double largest = Arrays.stream(expected).map(Math::abs).max().orElseThrow();
    Tolerance.check(what, actual, expected, _ -> Tolerance.ofGradient(roundings, largest));
  }

  @ParameterizedTest
  @MethodSource("stems")
  void gradientOfTheStem(Convolution stem) {
    var harness = new OpHarness(Layout.WIDE);
    var draws = new Draws(1);
    var image = harness.source("image", draws.normal(stem.pixels() * stem.in(), 0, 1));
    var weight = BranchNorm.parameter(harness, "weight", draws.normal(stem.weights(), 0, 0.3));
    var given = Real.given(image.values());
    double[] values = weight.value().values();
    var y = BranchOutput.draw(harness, draws, stem.fprop(given, values).value(), stem.out());
    double[] expected =
        FiniteDifferences.gradient(changed -> y.loss(stem.fprop(given, changed).value()), values);
    var forward =
        new FusedOp.StemConvFprop(
            y.value().slice(), y.statistics(), image.view(), weight.value().view(), stem.extent(), stem.in(),
            stem.out(), stem.kernel(), stem.stride(), stem.padding());
    var backward =
        new FusedOp.StemConvWgrad(
            weight.gradient().view(), y.output(), image.view(), stem.extent(), stem.in(), stem.out(), stem.kernel(),
            stem.stride(), stem.padding());
    int roundings = stem.outPixels() + stem.window();
    harness.run(
        List.of(forward, backward),
        outcome -> check("stem dweight", outcome.values(weight.gradient()), expected, roundings));
  }

  static Stream<Convolution> stems() {
    return Stream.of(new Convolution(2, 5, 6, 3, 4, 3, 1, 1), new Convolution(2, 9, 8, 2, 3, 7, 2, 3));
  }

  @Test
  void gradientOfTheCrossEntropy() {
    int[] labels = {2, 0, 4};
    int classes = 5;
    var harness = new OpHarness(Layout.WIDE);
    var logits = harness.source("logits", new Draws(1).normal(labels.length * classes, 0, 2));
    var dlogits = harness.destination("dlogits", labels.length * classes);
    var loss = harness.words("loss", true, 0, 0);
    var correct = harness.words("correct", true, 0, 0);
    var op =
        new PlainOp.SoftmaxXent(
            loss.view(), correct.view(), dlogits.view(), logits.view(), harness.words("labels", false, labels).view(),
            labels.length, classes);
    double[] expected =
        FiniteDifferences.gradient(values -> SoftmaxXentTest.Expected.of(values, labels).loss(), logits.values());
    harness.run(List.of(op), outcome -> check("dlogits", outcome.values(dlogits), expected, classes));
  }
}
