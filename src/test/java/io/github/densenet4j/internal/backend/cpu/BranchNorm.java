package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.Affine;
import io.github.densenet4j.internal.tensor.Input;
import io.github.densenet4j.internal.tensor.InputGradient;
import java.util.Arrays;
import java.util.List;

/** The batch normalisation of one consumer of the first {@code channels} channels of x. */
record BranchNorm(
    BranchInput x, int channels, Branch.Parameter gamma, Branch.Parameter beta, Operand scale, Operand shift,
    Operand runningMean, Operand runningVariance) {

  static BranchNorm draw(OpHarness harness, Draws draws, BranchInput x, int channels) {
    return new BranchNorm(
        x,
        channels,
        parameter(harness, "gamma", draws.normal(channels, 0.3, 1)),
        parameter(harness, "beta", draws.normal(channels, 0, 0.5)),
        harness.destination("scale", channels),
        harness.destination("shift", channels),
        harness.updated(harness.place("running mean", 1, channels), new float[channels]),
        harness.updated(harness.place("running variance", 1, channels), new float[channels]));
  }

  static Branch.Parameter parameter(OpHarness harness, String name, float[] values) {
    return new Branch.Parameter(harness.source(name, values), harness.destination("d" + name, values.length));
  }

  Affine affine() {
    return new Affine(scale.view(), shift.view());
  }

  /** Batch statistics to {@link #affine}. */
  Op fold() {
    return new FusedOp.BnFinalize(
        affine(), runningMean.view(), runningVariance.view(), x.statistics(), gamma.value().view(),
        beta.value().view(), 0.1, x.extent().pixels(), channels);
  }

  Input input() {
    return new Input(x.slice(), x.statistics(), affine(), gamma.value().view());
  }

  InputGradient inputGradient(boolean accumulate) {
    return new InputGradient(x.gradient(), gamma.gradient().view(), beta.gradient().view(), accumulate);
  }

  double[] preactivation(double[] input, List<double[]> parameters) {
    return Oracle.normalized(x.prefix(input, channels), parameters.get(0), parameters.get(1));
  }

  /** With the parameters as drawn. */
  double[] preactivation(double[] input) {
    return preactivation(input, List.of(gamma.value().values(), beta.value().values()));
  }

  double margin(double[] input) {
    return Arrays.stream(preactivation(input)).map(Math::abs).min().orElseThrow();
  }
}
