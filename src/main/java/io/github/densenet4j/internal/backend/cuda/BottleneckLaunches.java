package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;
import io.github.densenet4j.internal.program.FusedOp.BottleneckInfer;
import io.github.densenet4j.internal.tensor.Affine;
import java.util.Collections;

/** Layers with a bottleneck at inference: native/cuda/bottleneck_infer.cu, bottleneck_infer_layers.cu. */
final class BottleneckLaunches {
  /** Of a layer in the struct of several. */
  private static final int MEMBERS = 10;

  private final Kernels kernels;
  private final FusedOperands operands;
  private final FusedProgram program;
  private final DenseLaunches dense;

  BottleneckLaunches(Kernels kernels, FusedOperands operands, FusedProgram program, DenseLaunches dense) {
    this.kernels = kernels;
    this.operands = operands;
    this.program = program;
    this.dense = dense;
  }

  /** Of layers that are one kernel the first launches it. */
  Launch of(BottleneckInfer op) {
    var layers = program.inferred(op);
    if (layers.isPresent()) {
      return layers.get().layers().getFirst() == op ? launch(layers.get()) : Launch.NOTHING;
    }
    return program.bottleneckKernel(op)
        .map(kernel -> together(op, kernel))
        .orElseGet(() -> apart(op));
  }

  private Launch launch(InferredLayers layers) {
    var first = layers.layers().getFirst();
    var x = first.x();
    long width = FusedOperands.width(first.inChannels() | first.outChannels(), x);
    var struct =
        Struct.of(
            operands.data(x), x.pitch(), first.inChannels(), first.outChannels(), width, first.bottleneckChannels(),
            operands.packed(first.weight1()).rows(), operands.packed(first.weight2()).planes(),
            operands.packed(first.weight2()).rows(), first.extent().height(), first.extent().width(), operands.tf32(),
            (long) layers.layers().size());
    for (var op : layers.layers()) {
      struct.with(operands.weights(op.weight1()), operands.weights(op.weight2()))
          .with(operands.folded(op.affine1()))
          .with(operands.folded(op.affine2()));
    }
    int missing = (InferredLayers.MOST - layers.layers().size()) * MEMBERS;
    return kernels.grid(
        layers.name(), layers.grid(), struct.with(Collections.nCopies(missing, 0L).toArray()).members());
  }

  private Launch together(BottleneckInfer op, BottleneckKernel kernel) {
    var y = op.y();
    return kernels.grid(
        kernel.name(), kernel.grid(),
        Struct.of(
                operands.data(y), operands.data(op.x()), operands.weights(op.weight1()), operands.weights(op.weight2()),
                y.pitch(), op.x().pitch(), operands.packed(op.weight1()).rows(), operands.packed(op.weight2()).rows(),
                op.outChannels(), FusedOperands.width(op.outChannels(), y), op.extent().pixels(), op.extent().height(),
                op.extent().width())
            .with(operands.norm(op.affine1(), false))
            .with(operands.norm(op.affine2(), false))
            .members());
  }

  /** Two kernels, with z in memory between them. */
  private Launch apart(BottleneckInfer op) {
    var z = operands.z(op);
    long pitch = FusedProgram.pitchOfZ(op);
    var first =
        dense.pointwise(
            z, pitch, DevicePointer.NULL, op.x(), op.weight1(), withoutDropout(op.affine1()), op.extent(),
            op.inChannels(), op.bottleneckChannels());
    var second =
        dense.spatial(
            op.y(), DevicePointer.NULL, z, pitch, op.weight2(), withoutDropout(op.affine2()), op.extent(),
            op.bottleneckChannels(), op.outChannels());
    return () -> {
      first.enqueue();
      second.enqueue();
    };
  }

  private Struct withoutDropout(Affine affine) {
    return operands.norm(affine, false).with(FusedOperands.noDropout());
  }
}
