package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.Dropout;
import java.util.List;

/** BN, ReLU and a convolution, with or without dropout. */
record ConvolutionBranch(
    ConvolutionKind kind, Convolution convolution, BranchNorm norm, Parameter weight, Dropout dropout, double[] mask,
    BranchOutput y)
    implements Branch {
  private static final Control CONTROL = new Control(0.1, 3, 4);

  static ConvolutionBranch draw(
      OpHarness harness, Draws draws, BranchInput x, ConvolutionKind kind, int in, int out, double rate) {
    int batch = (int) x.extent().batch();
    var convolution = kind.convolution(batch, (int) x.extent().height(), (int) x.extent().width(), in, out);
    var norm = BranchNorm.draw(harness, draws, x, in);
    var weight = BranchNorm.parameter(harness, "weight", draws.normal(convolution.weights(), 0, 0.3));
    var dropout = new Dropout(CONTROL.in(harness).view(), 2, rate);
    double[] mask = CONTROL.mask(dropout, kind.outPixels(convolution) * out);
    double[] activation = Oracle.relu(norm.preactivation(x.value().values()));
    double[] y = kind.fprop(convolution, Real.given(activation), weight.value().values()).times(mask).value();
    return new ConvolutionBranch(
        kind, convolution, norm, weight, dropout, mask, BranchOutput.draw(harness, draws, y, out));
  }

  @Override
  public List<Op> forward() {
    return List.of(
        norm.fold(),
        kind.fprop.of(
            y.value().slice(), y.statistics(), norm.x().slice(), norm.affine(), weight.value().view(), dropout,
            norm.x().extent(), convolution.in(), convolution.out()));
  }

  @Override
  public List<Op> backward(boolean accumulate) {
    return List.of(
        kind.bprop.of(
            norm.inputGradient(accumulate), weight.gradient().view(), y.output(), norm.input(), weight.value().view(),
            dropout, norm.x().extent(), convolution.in(), convolution.out()));
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(norm.gamma(), norm.beta(), weight);
  }

  @Override
  public double loss(double[] x, List<double[]> parameters) {
    double[] activation = Oracle.relu(norm.preactivation(x, parameters));
    return y.loss(kind.fprop(convolution, Real.given(activation), parameters.get(2)).times(mask).value());
  }

  @Override
  public double margin(double[] x) {
    return norm.margin(x);
  }

  @Override
  public int roundings() {
    int taps = convolution.kernel() * convolution.kernel();
    return (convolution.in() + convolution.out()) * taps + (int) norm.x().extent().pixels();
  }
}
