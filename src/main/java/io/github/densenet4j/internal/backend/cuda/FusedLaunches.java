package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.PlainOp;
import java.util.ArrayList;
import java.util.List;

/** Operations on feature buffers: each a kernel of our own, batch normalisations none. */
final class FusedLaunches {
  private final Kernels kernels;
  private final FusedOperands operands;
  private final FusedProgram program;
  private final OwnPlaces own;
  private final DenseLaunches dense;
  private final BottleneckLaunches bottlenecks;
  private final TransitionLaunches transitions;
  private final StemLaunches stem;
  private final HeadLaunches head;
  private final WeightLaunches weights;

  /**
   * @param kernels whose launches are to be asked for in the program's order, each once
   * @param tf32 whether factors of float32 may be rounded to TF32
   */
  FusedLaunches(Kernels kernels, Places places, OwnPlaces own, FusedProgram program, boolean tf32) {
    this.program = program;
    this.own = own;
    this.kernels = kernels;
    operands = new FusedOperands(program, places, own, tf32);
    var tiled = kernels.tiled();
    dense = new DenseLaunches(kernels, tiled, operands, program);
    bottlenecks = new BottleneckLaunches(kernels, operands, program, dense);
    transitions = new TransitionLaunches(kernels, tiled, operands, program);
    stem = new StemLaunches(tiled, operands, program);
    head = new HeadLaunches(kernels, tiled, operands, program);
    weights = new WeightLaunches(kernels, operands, own, program);
  }

  Launch of(FusedOp op) {
    return around(op, alone(op));
  }

  Launch of(PlainOp.LinearWgrad op) {
    return around(op, head.of(op));
  }

  private Launch alone(FusedOp op) {
    return switch (op) {
      case FusedOp.StemConvFprop o -> stem.of(o);
      case FusedOp.StemConvWgrad o -> stem.of(o);
      case FusedOp.BnReluMaxpoolFprop o -> stem.of(o);
      case FusedOp.BnReluMaxpoolDgrad o -> stem.of(o);
      case FusedOp.BnFinalize _, FusedOp.BnFold _ -> Launch.NOTHING;
      case FusedOp.BnReluConv1x1Fprop o -> dense.of(o);
      case FusedOp.BnReluConv1x1Bprop o -> dense.of(o);
      case FusedOp.BnReluConv3x3Fprop o -> dense.of(o);
      case FusedOp.BnReluConv3x3Bprop o -> dense.of(o);
      case FusedOp.BottleneckInfer o -> bottlenecks.of(o);
      case FusedOp.TransitionFprop o -> transitions.of(o);
      case FusedOp.TransitionBprop o -> transitions.of(o);
      case FusedOp.HeadFprop o -> head.of(o);
      case FusedOp.HeadDgrad o -> head.of(o);
    };
  }

  /** With what is due before and after the operation. */
  Launch around(Op op, Launch launch) {
    var all = new ArrayList<Launch>();
    if (program.begins(op)) {
      all.add(own.cleared(FusedProgram.SUMS));
    }
    all.add(launch);
    program.consumers().last(op).map(this::gradients).ifPresent(all::add);
    weights.summation(op).ifPresent(all::add);
    if (program.updates(op)) {
      all.add(weights.packing());
    }
    return all.size() == 1 ? launch : inOrder(List.copyOf(all));
  }

  private Launch gradients(Consumers.Last last) {
    var dx = last.dx();
    return kernels.covering(
        last.channels(), program.kernels().named("consumer_gradients"), operands.sums(dx),
        operands.of(last.input().gamma()), operands.of(dx.dgamma()), operands.of(dx.dbeta()),
        operands.of(last.input().statistics().variance()), last.channels());
  }

  private static Launch inOrder(List<Launch> launches) {
    return () -> launches.forEach(Launch::enqueue);
  }

  /** To be run whenever parameters have been written from outside. */
  Launch packing() {
    return weights.packing();
  }
}
