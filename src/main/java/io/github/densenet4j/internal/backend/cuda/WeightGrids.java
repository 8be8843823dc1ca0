package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.driver.Grid;
import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.Extent;

/** The blocks that make gradients of weights: how many there are in x is how many partial gradients are left. */
final class WeightGrids {
  private final FusedKernels kernels;

  WeightGrids(FusedKernels kernels) {
    this.kernels = kernels;
  }

  /** The grid of the kernel that makes the gradient of an operation's weights. */
  Grid of(Op op) {
    var device = kernels.device();
    return switch (op) {
      case FusedOp.BnReluConv1x1Bprop c
          when !kernels.pointwise().together(c.extent(), c.inChannels(), c.outChannels()) ->
          chunked(
              kernels.pointwise().weights("bnrelu_conv1x1_bprop_wide"), c.extent(), c.inChannels(), c.outChannels());
      case FusedOp.BnReluConv1x1Bprop c ->
          kernels.pointwise().bprop(c.extent(), c.inChannels(), c.outChannels()).required(device, op.stem())
              .gridOver(device, c.extent().pixels(), c.inChannels());
      case FusedOp.BnReluConv3x3Bprop c ->
          kernels.spatial().bprop(c.extent(), c.inChannels(), c.outChannels()).required(device, op.stem())
              .gridOver(device, c.extent(), c.inChannels());
      case FusedOp.TransitionBprop c ->
          chunked(
              kernels.pointwise().weights("transition_bprop"), FusedProgram.pooled(c.extent()), c.inChannels(),
              c.outChannels());
      case FusedOp.StemConvWgrad c -> {
        var kernel = kernels.stem().wgrad(c).required(device, "images of " + c.inChannels() + " channels");
        long chunks = Math.ceilDiv(c.outChannels(), kernel.channels()) * kernels.stem().termChunks(c);
        yield kernel.grid(
            device, kernels.stem().pixels(c.extent().windows(c.kernel(), c.stride(), c.padding())), chunks);
      }
      default -> throw new IllegalArgumentException(op.stem() + " has no weights");
    };
  }

  private Grid chunked(FusedKernel kernel, Extent extent, long in, long out) {
    long chunks = Math.ceilDiv(in, kernel.channels()) * Math.ceilDiv(out, kernel.channels());
    return kernel.grid(kernels.device(), extent.pixels(), chunks);
  }
}
