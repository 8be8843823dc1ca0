package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.program.PlainOp;
import io.github.densenet4j.internal.tensor.ChannelSlice;
import io.github.densenet4j.internal.tensor.Dropout;

/** Operations that a kernel of our own does, under the same stem. */
final class KernelLaunches {
  private final Kernels kernels;
  private final Places places;

  KernelLaunches(Kernels kernels, Places places) {
    this.kernels = kernels;
    this.places = places;
  }

  Launch of(PlainOp.InputNormalize op) {
    return kernels.covering(
        op.batch() * op.size() * op.size() * op.channels(), op.stem(),
        places.of(op.y()), places.of(op.x()), places.of(op.placement()), places.of(op.table()), op.batch(), op.size(),
        op.channels());
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
    return drop(op.stem(), op.y(), op.x(), op.dropout(), op.pixels(), op.channels());
  }

  Launch of(PlainOp.DropoutDgrad op) {
    return drop(op.stem(), op.dx(), op.dy(), op.dropout(), op.pixels(), op.channels());
  }

  private Launch drop(
      String stem, ChannelSlice to, ChannelSlice from, Dropout dropout, long pixels, long channels) {
    return kernels.covering(
        pixels * channels, stem,
        places.of(to.data()), to.pitch(), places.of(from.data()), from.pitch(), places.of(dropout.control()),
        dropout.layer(), dropout.rate(), pixels, channels);
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
