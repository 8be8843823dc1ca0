package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Op;
import java.util.List;
import java.util.stream.IntStream;

/** BN, ReLU and the max pool. */
record MaxpoolBranch(Pooling pool, BranchNorm norm, BranchOutput y) implements Branch {
  static MaxpoolBranch draw(OpHarness harness, Draws draws, BranchInput x, int channels) {
    var extent = x.extent();
    var pool = new Pooling((int) extent.batch(), (int) extent.height(), (int) extent.width(), channels);
    var norm = BranchNorm.draw(harness, draws, x, channels);
    double[] y = pooled(pool, norm.preactivation(x.value().values()));
    return new MaxpoolBranch(pool, norm, BranchOutput.draw(harness, draws, y, channels));
  }

  private static double[] pooled(Pooling pool, double[] preactivation) {
    double[] activation = Oracle.relu(preactivation);
    return Pooling.pick(Real.given(activation), pool.largest(activation)).value();
  }

  @Override
  public List<Op> forward() {
    return List.of(
        norm.fold(),
        new FusedOp.BnReluMaxpoolFprop(
            y.value().slice(), y.statistics(), norm.x().slice(), norm.affine(), norm.x().extent(), norm.channels()));
  }

  @Override
  public List<Op> backward(boolean accumulate) {
    return List.of(
        new FusedOp.BnReluMaxpoolDgrad(
            norm.inputGradient(accumulate), y.output(), norm.input(), norm.x().extent(), norm.channels()));
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(norm.gamma(), norm.beta());
  }

  @Override
  public double loss(double[] x, List<double[]> parameters) {
    return y.loss(pooled(pool, norm.preactivation(x, parameters)));
  }

  /** To the ReLU's kink, or to where two values of a channel, of one window or not, change places. */
  @Override
  public double margin(double[] x) {
    double[] preactivation = norm.preactivation(x);
    double margin = norm.margin(x);
    for (int c = 0; c < pool.channels(); c++) {
      int channel = c;
      double[] sorted =
          IntStream.range(0, pool.pixels()).mapToDouble(p -> preactivation[p * pool.channels() + channel]).sorted()
              .toArray();
      for (int p = 1; p < sorted.length; p++) {
        margin = Math.min(margin, sorted[p] - sorted[p - 1]);
      }
    }
    return margin;
  }

  @Override
  public int roundings() {
    return (int) norm.x().extent().pixels();
  }
}
