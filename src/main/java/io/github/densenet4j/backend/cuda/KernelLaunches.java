package io.github.densenet4j.backend.cuda;

import io.github.densenet4j.program.PlainOp;

/** Operations that a kernel of our own does, under the same stem. */
final class KernelLaunches {
  private final Kernels kernels;
  private final Places places;

  KernelLaunches(Kernels kernels, Places places) {
    this.kernels = kernels;
    this.places = places;
  }

  Launch of(PlainOp.ConcatAppend op) {
    return kernels.covering(
        op.pixels() * op.channels(), op.stem(),
        places.of(op.y().data()), op.y().pitch(), places.of(op.x().data()), op.x().pitch(), op.pixels(),
        op.channels());
  }

  Launch of(PlainOp.ConcatSplit op) {
    return kernels.covering(
        op.pixels() * op.channels(), op.stem(),
        places.of(op.dx().data()), op.dx().pitch(), places.of(op.dy().data()), op.dy().pitch(), op.pixels(),
        op.channels(), op.accumulate());
  }

  Launch of(PlainOp.DropoutFprop op) {
    var dropout = op.dropout();
    return kernels.covering(
        op.pixels() * op.channels(), op.stem(),
        places.of(op.y().data()), op.y().pitch(), places.of(op.x().data()), op.x().pitch(),
        places.of(dropout.control()), dropout.layer(), dropout.rate(), op.pixels(), op.channels());
  }

  Launch of(PlainOp.DropoutDgrad op) {
    var dropout = op.dropout();
    return kernels.covering(
        op.pixels() * op.channels(), op.stem(),
        places.of(op.dx().data()), op.dx().pitch(), places.of(op.dy().data()), op.dy().pitch(),
        places.of(dropout.control()), dropout.layer(), dropout.rate(), op.pixels(), op.channels());
  }

  Launch of(PlainOp.SoftmaxXent op) {
    return kernels.oneBlock(
        op.stem(),
        places.of(op.loss()), places.of(op.correct()), places.of(op.dlogits()), places.of(op.logits()),
        places.of(op.labels()), op.batch(), op.classes());
  }

  Launch of(PlainOp.SgdNesterov op) {
    return kernels.covering(
        op.count(), op.stem(),
        places.of(op.parameters()), places.of(op.velocity()), places.of(op.gradients()), places.of(op.control()),
        op.momentum(), op.weightDecay(), op.count());
  }
}
