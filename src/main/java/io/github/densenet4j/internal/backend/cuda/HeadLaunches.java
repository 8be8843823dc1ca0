package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.PlainOp;

/** After the last block: native/cuda/head_*.cu and linear_wgrad.cu. */
final class HeadLaunches {
  /** From so many on a thread of linear_wgrad.cu takes eight. */
  private static final long MANY_CLASSES = 128;

  private final Kernels kernels;
  private final TiledLaunches tiled;
  private final FusedOperands operands;
  private final FusedProgram program;

  HeadLaunches(Kernels kernels, TiledLaunches tiled, FusedOperands operands, FusedProgram program) {
    this.kernels = kernels;
    this.tiled = tiled;
    this.operands = operands;
    this.program = program;
  }

  Launch of(FusedOp.HeadFprop op) {
    var device = program.kernels().device();
    var kernel =
        program.kernels().headFprop(op.channels(), op.classes()).required(device, op.channels() + " channels");
    return tiled.of(
        kernel.name(), kernel.gridOver(device, op.extent().batch(), op.classes()),
        Struct.of(
                operands.of(op.logits()), operands.of(op.pooled()), operands.data(op.x()), operands.of(op.weight()),
                operands.of(op.bias()), op.x().pitch(), op.extent().height() * op.extent().width(), op.extent().batch(),
                op.classes(), (long) kernel.pixels())
            .with(operands.norm(op.affine(), true)));
  }

  Launch of(FusedOp.HeadDgrad op) {
    var kernel = program.kernels().headDgrad();
    var s = op.dx().gradient().sum();
    var x = op.x().value();
    return tiled.of(
        kernel.name(), kernel.gridOver(program.kernels().device(), op.extent().batch(), op.channels()),
        Struct.of(
                operands.data(s), operands.sums(op.dx()), operands.data(x), operands.of(op.weight()),
                operands.of(op.dlogits()), s.pitch(), x.pitch(), op.channels(),
                op.extent().height() * op.extent().width(), op.extent().batch(), op.classes())
            .with(operands.reader(op.x())));
  }

  Launch of(PlainOp.LinearWgrad op) {
    long classes = op.outChannels();
    long rows = classes < MANY_CLASSES ? classes : Math.ceilDiv(classes, 8);
    return kernels.covering(
        rows * Math.ceilDiv(op.inChannels(), 4) + classes, op.stem(),
        operands.of(op.dweight()), operands.of(op.dbias()), operands.of(op.dy()), operands.of(op.x()), op.batch(),
        op.inChannels(), classes);
  }
}
