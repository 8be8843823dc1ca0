package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.driver.DevicePointer;
import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.tensor.BufferView;
import io.github.densenet4j.internal.tensor.ChannelSlice;
import io.github.densenet4j.internal.tensor.Extent;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/** The convolutions of dense layers: native/cuda/bnrelu_conv1x1_*.cu, bnrelu_conv3x3_*.cu. */
final class DenseLaunches {
  private final TiledLaunches tiled;
  private final FusedOperands operands;
  private final FusedProgram program;
  private final DropoutLaunches dropouts;
  private final PointwiseBprops wide;

  DenseLaunches(Kernels kernels, TiledLaunches tiled, FusedOperands operands, FusedProgram program) {
    this.tiled = tiled;
    this.operands = operands;
    this.program = program;
    this.dropouts = new DropoutLaunches(kernels, operands, program);
    this.wide = new PointwiseBprops(kernels, tiled, operands, program);
  }

  Launch of(FusedOp.BnReluConv1x1Fprop op) {
    var sums = operands.sums(op.yStatistics());
    if (sums == DevicePointer.NULL && program.norm(op.affine()) instanceof FusedOp.BnFinalize) {
      tiled.keepOrder(); // of the batch, but statistics of y are known: it is made again, for the backward pass
    }
    var norm = operands.norm(op.affine(), sums != DevicePointer.NULL).with(operands.dropout(op.dropout()));
    return pointwise(
        operands.data(op.y()), op.y().pitch(), sums, op.x(), op.weight(), norm, op.extent(), op.inChannels(),
        op.outChannels());
  }

  Launch of(FusedOp.BnReluConv3x3Fprop op) {
    var sums = operands.sums(op.yStatistics());
    var norm = operands.norm(op.affine(), sums != DevicePointer.NULL).with(operands.dropout(op.dropout()));
    return spatial(
        op.y(), sums, operands.data(op.x()), op.x().pitch(), op.weight(), norm, op.extent(), op.inChannels(),
        op.outChannels());
  }

  /** z as a kernel of its own makes it. */
  Launch pointwise(
      DevicePointer z, long zPitch, DevicePointer sums, ChannelSlice x, BufferView weight, Struct norm, Extent extent,
      long in, long out) {
    var device = program.kernels().device();
    var kernel =
        program.kernels().pointwise().fprop(program.chosenBy(extent), in, out).required(device, in + " channels");
    return tiled.of(
        kernel.name(), kernel.gridOver(device, extent.pixels(), out),
        Struct.of(
                z, sums, operands.data(x), operands.weights(weight), zPitch, x.pitch(), operands.packed(weight).rows(),
                out, extent.pixels(), operands.tf32())
            .with(norm));
  }

  /** y as a kernel of its own makes it. */
  Launch spatial(
      ChannelSlice y, DevicePointer sums, DevicePointer x, long xPitch, BufferView weight, Struct norm, Extent extent,
      long in, long out) {
    var device = program.kernels().device();
    var kernel =
        program.kernels().spatial().fprop(program.chosenBy(extent), in, out)
            .required(device, "images " + extent.width() + " pixels wide");
    return tiled.of(
        kernel.name(), kernel.gridOver(device, extent, out),
        Struct.of(
                operands.data(y), sums, x, operands.weights(weight), y.pitch(), xPitch, operands.packed(weight).rows(),
                out, FusedOperands.width(out, y), operands.tf32(), extent.pixels(), extent.height(), extent.width())
            .with(norm));
  }

  Launch of(FusedOp.BnReluConv1x1Bprop op) {
    if (!program.kernels().pointwise().together(op.extent(), op.inChannels(), op.outChannels())) {
      return wide.of(op);
    }
    var kernel = program.kernels().pointwise().bprop(op.extent(), op.inChannels(), op.outChannels());
    var s = op.dx().gradient().sum();
    long pixels = op.extent().pixels();
    var launch =
        tiled.of(
            kernel.name(), program.weightGrid(op),
            Struct.of(
                    operands.data(s), operands.sums(op.dx()), operands.partials(op),
                    operands.data(op.y().gradient().sum()), operands.data(op.y().value()), operands.data(op.x().value()),
                    operands.weights(op.weight()), s.pitch(), op.x().value().pitch(), op.y().value().pitch(),
                    operands.packed(op.weight()).rows(), pixels, op.inChannels(), op.outChannels(), op.dx().accumulate(),
                    operands.tf32())
                .with(dropouts.correction(op, op.y(), op.dropout(), pixels))
                .with(operands.reader(op.x()))
                .with(operands.handOver(op, op.dx())));
    return dropouts.before(op, op.y(), op.dropout(), pixels, op.outChannels(), launch);
  }

  Launch of(FusedOp.BnReluConv3x3Bprop op) {
    var kernel = program.kernels().spatial().bprop(op.extent(), op.inChannels(), op.outChannels());
    int together = program.kernels().spatial().slices(op.outChannels());
    var slices = slices(op);
    var launches = new ArrayList<Launch>();
    for (int i = 0; i < slices.size(); i += together) {
      var some = slices.subList(i, Math.min(slices.size(), i + together));
      var arguments = together == 1 ? some.getFirst() : array(some, together);
      launches.add(tiled.of(kernel.name(), program.weightGrid(op), arguments));
    }
    return dropouts.before(
        op, op.y(), op.dropout(), op.extent().pixels(), op.outChannels(), () -> launches.forEach(Launch::enqueue));
  }

  /** A number of structs and room for {@code most}. */
  private static Struct array(List<Struct> structs, int most) {
    var array = Struct.of((long) structs.size());
    structs.forEach(array::with);
    int missing = (most - structs.size()) * structs.getFirst().members().size();
    return array.with(Collections.nCopies(missing, 0L).toArray());
  }

  /** What a kernel takes of y at a time; those after the first add to what it has made. */
  private List<Struct> slices(FusedOp.BnReluConv3x3Bprop op) {
    var slices = new ArrayList<Struct>();
    long first = 0;
    for (var partial : program.partials(op)) {
      slices.add(slice(op, partial, first));
      first += partial.outputs();
    }
    return slices;
  }

  /** Channels of y from {@code first} on. */
  private Struct slice(FusedOp.BnReluConv3x3Bprop op, PartialGradient partial, long first) {
    var extent = op.extent();
    var of = op.y().from(first);
    var s = of.gradient().sum();
    var y = of.value();
    var gz = op.dx().gradient().sum();
    var packed = operands.packed(op.weight());
    return Struct.of(
            operands.data(gz), operands.sums(op.dx()), operands.partials(partial), operands.data(s), operands.data(y),
            operands.data(op.x().value()), operands.weights(op.weight()).plus(first * PackedWeight.VECTOR_BYTES),
            gz.pitch(), s.pitch(), y.pitch(), op.x().value().pitch(), packed.planes(), packed.rows(),
            FusedOperands.width(partial.outputs(), s, y), operands.tf32(), partial.outputs(), op.inChannels(),
            extent.pixels(), extent.height(), extent.width(), op.dx().accumulate() || first > 0)
        .with(dropouts.correction(op, of, op.dropout(), extent.pixels()))
        .with(operands.reader(op.x()))
        .with(first > 0 ? FusedOperands.nothingToHandOver() : operands.handOver(op, op.dx()));
  }
}
