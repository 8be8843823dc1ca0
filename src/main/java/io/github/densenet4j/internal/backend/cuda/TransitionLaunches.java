package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;
import io.github.densenet4j.internal.program.FusedOp;

/** Between blocks: native/cuda/transition_*.cu. */
final class TransitionLaunches {
  private final TiledLaunches tiled;
  private final FusedOperands operands;
  private final FusedProgram program;
  private final PointwiseBprops bprops;

  TransitionLaunches(Kernels kernels, TiledLaunches tiled, FusedOperands operands, FusedProgram program) {
    this.tiled = tiled;
    this.operands = operands;
    this.program = program;
    this.bprops = new PointwiseBprops(kernels, tiled, operands, program);
  }

  Launch of(FusedOp.TransitionFprop op) {
    var device = program.kernels().device();
    var extent = op.extent();
    long out = op.outChannels();
    var kernel = program.kernels().pointwise().transitionFprop(op.inChannels(), out).required(device, op.inChannels() + " channels");
    var sums = operands.sums(op.yStatistics());
    return tiled.of(
        kernel.name(), kernel.gridOver(device, FusedProgram.pooled(extent).pixels(), out),
        Struct.of(
                operands.data(op.y()), sums, operands.data(op.x()), operands.weights(op.weight()), op.y().pitch(),
                op.x().pitch(), operands.packed(op.weight()).rows(), out, FusedOperands.width(out, op.y()),
                operands.tf32(), extent.batch(), extent.height(), extent.width())
            .with(operands.norm(op.affine(), sums != DevicePointer.NULL))
            .with(operands.dropout(op.dropout())));
  }

  Launch of(FusedOp.TransitionBprop op) {
    return bprops.of(op);
  }
}
