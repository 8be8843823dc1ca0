package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;
import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.tensor.Extent;

/** Before the first block: native/cuda/stem_conv_*.cu and bnrelu_maxpool_*.cu. */
final class StemLaunches {
  private final TiledLaunches tiled;
  private final FusedOperands operands;
  private final FusedProgram program;

  StemLaunches(TiledLaunches tiled, FusedOperands operands, FusedProgram program) {
    this.tiled = tiled;
    this.operands = operands;
    this.program = program;
  }

  Launch of(FusedOp.StemConvFprop op) {
    var device = program.kernels().device();
    var extent = op.extent();
    var convolved = extent.windows(op.kernel(), op.stride(), op.padding());
    long out = op.outChannels();
    var kernel = program.kernels().stem().fprop(op).required(device, "images of " + op.inChannels() + " channels");
    return tiled.first(
        kernel.name(), kernel.gridOver(device, program.kernels().stem().pixels(convolved), out),
        Struct.of(
                operands.data(op.y()), operands.sums(op.yStatistics()), operands.of(op.image()),
                operands.of(op.weight()), op.y().pitch(), out, FusedOperands.width(out, op.y()), op.inChannels(),
                extent.batch(), extent.height(), extent.width(), convolved.height(), convolved.width(), op.kernel(),
                op.stride(), op.padding()));
  }

  Launch of(FusedOp.StemConvWgrad op) {
    var extent = op.extent();
    var convolved = extent.windows(op.kernel(), op.stride(), op.padding());
    var gy = op.y().gradient().sum();
    var y = op.y().value();
    return tiled.of(
        program.kernels().stem().wgrad(op).name(), program.weightGrid(op),
        Struct.of(
                operands.partials(op), operands.data(gy), operands.data(y), operands.of(op.image()), gy.pitch(),
                y.pitch(), op.outChannels(), op.inChannels(), extent.batch(), extent.height(), extent.width(),
                convolved.height(), convolved.width(), op.kernel(), op.stride(), op.padding())
            .with(operands.correction(op, op.y(), convolved.pixels())));
  }

  Launch of(FusedOp.BnReluMaxpoolFprop op) {
    var extent = op.extent();
    var pooled = pooled(extent);
    var kernel = program.kernels().stem().maxpoolFprop(op.channels());
    var sums = operands.sums(op.yStatistics());
    return tiled.of(
        kernel.name(), kernel.gridOver(program.kernels().device(), pooled.pixels(), op.channels()),
        Struct.of(
                operands.data(op.y()), sums, operands.data(op.x()), op.y().pitch(), op.x().pitch(), extent.batch(),
                extent.height(), extent.width(), pooled.height(), pooled.width())
            .with(operands.norm(op.affine(), sums != DevicePointer.NULL)));
  }

  Launch of(FusedOp.BnReluMaxpoolDgrad op) {
    var extent = op.extent();
    var pooled = pooled(extent);
    var kernel = program.kernels().stem().maxpoolDgrad(op.channels());
    var s = op.dx().gradient().sum();
    var gy = op.y().gradient().sum();
    var y = op.y().value();
    var x = op.x().value();
    return tiled.of(
        kernel.name(),
        kernel.grid(program.kernels().device(), program.kernels().stem().maxpoolTiles(pooled, op.channels()), 1),
        Struct.of(
                operands.data(s), operands.sums(op.dx()), operands.data(gy), operands.data(y), operands.data(x),
                s.pitch(), gy.pitch(), y.pitch(), x.pitch(), op.channels(), extent.batch(), extent.height(),
                extent.width(), pooled.height(), pooled.width())
            .with(operands.correction(op, op.y(), pooled.pixels()))
            .with(operands.reader(op.x())));
  }

  private static Extent pooled(Extent extent) {
    return extent.windows(3, 2, 1);
  }
}
