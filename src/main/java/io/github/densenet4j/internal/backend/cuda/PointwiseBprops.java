package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.driver.Grid;
import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.BufferView;
import io.github.densenet4j.internal.tensor.Dropout;
import io.github.densenet4j.internal.tensor.Extent;
import io.github.densenet4j.internal.tensor.Input;
import io.github.densenet4j.internal.tensor.InputGradient;
import io.github.densenet4j.internal.tensor.Output;

/**
 * Backward passes of 1x1 convolutions as two kernels side by side, the data's gradient, on which others wait, and the
 * weights': native/cuda/pointwise_*.cuh.
 */
final class PointwiseBprops {
  private final TiledLaunches tiled;
  private final FusedOperands operands;
  private final FusedProgram program;
  private final DropoutLaunches dropouts;

  /** What the two operations that this is for have in common. */
  private record Pass(
      Op op, InputGradient dx, Output y, Input x, BufferView weight, Dropout dropout, Extent extent, Extent made, long in,
      long out) {}

  PointwiseBprops(Kernels kernels, TiledLaunches tiled, FusedOperands operands, FusedProgram program) {
    this.tiled = tiled;
    this.operands = operands;
    this.program = program;
    this.dropouts = new DropoutLaunches(kernels, operands, program);
  }

  Launch of(FusedOp.TransitionBprop op) {
    return of(
        "transition_bprop",
        new Pass(
            op, op.dx(), op.y(), op.x(), op.weight(), op.dropout(), op.extent(), FusedProgram.pooled(op.extent()),
            op.inChannels(), op.outChannels()));
  }

  Launch of(FusedOp.BnReluConv1x1Bprop op) {
    return of(
        "bnrelu_conv1x1_bprop_wide",
        new Pass(
            op, op.dx(), op.y(), op.x(), op.weight(), op.dropout(), op.extent(), op.extent(), op.inChannels(),
            op.outChannels()));
  }

  private Launch of(String stem, Pass pass) {
    var device = program.kernels().device();
    var data = program.kernels().pointwise().data(stem, pass.out).required(device, pass.out + " channels");
    Grid grid = data.gridOver(device, pass.made.pixels(), pass.in);
    var members = members(pass);
    var first = tiled.of(data.name(), grid, members);
    var weights = program.kernels().pointwise().weights(stem);
    return dropouts.before(
        pass.op, pass.y, pass.dropout, pass.made.pixels(), pass.out,
        tiled.beside(first, weights.name(), program.weightGrid(pass.op), members));
  }

  private Struct members(Pass pass) {
    var s = pass.dx.gradient().sum();
    var gy = pass.y.gradient().sum();
    var y = pass.y.value();
    var x = pass.x.value();
    return Struct.of(
            operands.data(s), operands.sums(pass.dx), operands.partials(pass.op), operands.data(gy), operands.data(y),
            operands.data(x), operands.weights(pass.weight), s.pitch(), gy.pitch(), y.pitch(), x.pitch(),
            operands.packed(pass.weight).rows(), pass.in, pass.out, pass.extent.batch(), pass.extent.height(),
            pass.extent.width(), pass.dx.accumulate(), operands.tf32())
        .with(dropouts.correction(pass.op, pass.y, pass.dropout, pass.made.pixels()))
        .with(operands.reader(pass.x))
        .with(operands.handOver(pass.op, pass.dx));
  }
}
