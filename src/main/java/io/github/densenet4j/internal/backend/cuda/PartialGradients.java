package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.BufferView;
import java.util.ArrayList;
import java.util.List;

/** Which operations of a backward pass leave partial gradients of weights, and when these are summed. */
final class PartialGradients {
  /** Launches that sum partial gradients beside others in a step, so that these need not all wait for its end. */
  private static final int SUMMATIONS = 20;

  private final FusedKernels kernels;
  private final WeightGrids grids;

  private PartialGradients(FusedKernels kernels, WeightGrids grids) {
    this.kernels = kernels;
    this.grids = grids;
  }

  /** In the order of the backward pass. */
  static List<PartialGradient> of(List<Op> backward, FusedKernels kernels, WeightGrids grids) {
    return new PartialGradients(kernels, grids).of(backward);
  }

  private List<PartialGradient> of(List<Op> backward) {
    var makers = backward.stream().filter(PartialGradients::leavesPartials).toList();
    int end = makers.size() - 1; // what the last one leaves is summed at once, so let it be little
    int together = Math.max(1, Math.ceilDiv(end, SUMMATIONS));
    var all = new ArrayList<PartialGradient>();
    for (int i = 0; i <= end; i++) {
      int last = i == end ? end : Math.min(end, (i / together + 1) * together) - 1;
      int until = last < end - 1 ? Math.min(end - 1, last + together) : end;
      all.addAll(gradients(makers.get(i), new Summed(makers.get(last), makers.get(until))));
    }
    return all;
  }

  private static boolean leavesPartials(Op op) {
    return switch (op) {
      case FusedOp.BnReluConv1x1Bprop _, FusedOp.BnReluConv3x3Bprop _, FusedOp.TransitionBprop _,
          FusedOp.StemConvWgrad _ -> true;
      default -> false;
    };
  }

  /** After which operations a sum begins, and is there for certain. */
  private record Summed(Op last, Op until) {}

  private List<PartialGradient> gradients(Op op, Summed summed) {
    return switch (op) {
      case FusedOp.BnReluConv1x1Bprop c ->
          List.of(partial(op, summed, c.dweight(), c.outChannels(), c.inChannels(), 1));
      case FusedOp.BnReluConv3x3Bprop c -> slices(c, summed);
      case FusedOp.TransitionBprop c -> List.of(partial(op, summed, c.dweight(), c.outChannels(), c.inChannels(), 1));
      case FusedOp.StemConvWgrad c ->
          List.of(partial(op, summed, c.dweight(), c.outChannels(), c.inChannels() * c.kernel() * c.kernel(), 1));
      default -> throw new IllegalArgumentException(op.stem() + " leaves no partial gradients");
    };
  }

  /** A kernel has no more outputs at a time. */
  private List<PartialGradient> slices(FusedOp.BnReluConv3x3Bprop op, Summed summed) {
    var all = new ArrayList<PartialGradient>();
    long most = kernels.spatial().mostOutputs();
    for (long first = 0; first < op.outChannels(); first += most) {
      long outputs = Math.min(most, op.outChannels() - first);
      all.add(partial(op, summed, op.dweight().plusFloats(9 * first * op.inChannels()), outputs, op.inChannels(), 9));
    }
    return all;
  }

  private PartialGradient partial(Op op, Summed summed, BufferView gradient, long outputs, long channels, long taps) {
    var name = "partial gradient " + gradient.offset();
    return new PartialGradient(
        name, op, summed.last, summed.until, gradient, grids.of(op).columns(), outputs, channels, taps);
  }
}
