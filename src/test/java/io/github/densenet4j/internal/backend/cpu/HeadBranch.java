package io.github.densenet4j.internal.backend.cpu;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.PlainOp;
import java.util.List;

/** BN, ReLU, global average pool and classifier; the loss is a sum of factors times the logits. */
record HeadBranch(
    Pooling pool, int classes, BranchNorm norm, Parameter weight, Parameter bias, Operand logits, Operand pooled,
    Operand factors)
    implements Branch {

  static HeadBranch draw(OpHarness harness, Draws draws, BranchInput x, int channels, int classes) {
    var extent = x.extent();
    var pool = new Pooling((int) extent.batch(), (int) extent.height(), (int) extent.width(), channels);
    return new HeadBranch(
        pool,
        classes,
        BranchNorm.draw(harness, draws, x, channels),
        BranchNorm.parameter(harness, "weight", draws.normal(classes * channels, 0, 1)),
        BranchNorm.parameter(harness, "bias", draws.normal(classes, 0, 1)),
        harness.destination("logits", pool.batch() * classes),
        harness.destination("pooled", pool.batch() * channels),
        harness.source("dlogits", draws.normal(pool.batch() * classes, 0, 1)));
  }

  @Override
  public List<Op> forward() {
    return List.of(
        norm.fold(),
        new FusedOp.HeadFprop(
            logits.view(), pooled.view(), norm.x().slice(), norm.affine(), weight.value().view(), bias.value().view(),
            norm.x().extent(), pool.channels(), classes));
  }

  @Override
  public List<Op> backward(boolean accumulate) {
    return List.of(
        new PlainOp.LinearWgrad(
            weight.gradient().view(), bias.gradient().view(), factors.view(), pooled.view(), pool.batch(),
            pool.channels(), classes),
        new FusedOp.HeadDgrad(
            norm.inputGradient(accumulate), factors.view(), norm.input(), weight.value().view(), norm.x().extent(),
            pool.channels(), classes));
  }

  @Override
  public List<Parameter> parameters() {
    return List.of(norm.gamma(), norm.beta(), weight, bias);
  }

  @Override
  public double loss(double[] x, List<double[]> parameters) {
    var activation = Real.given(Oracle.relu(norm.preactivation(x, parameters)));
    var classifier = new Convolution(pool.batch(), 1, 1, pool.channels(), classes, 1, 1, 0);
    double[] products = classifier.fprop(pool.global(activation), parameters.get(2)).value();
    double[] weights = factors.values();
    double loss = 0;
    for (int i = 0; i < products.length; i++) {
      loss += weights[i] * (products[i] + parameters.get(3)[i % classes]);
    }
    return loss;
  }

  @Override
  public double margin(double[] x) {
    return norm.margin(x);
  }

  @Override
  public int roundings() {
    return (int) norm.x().extent().pixels() + pool.channels() + classes;
  }
}
