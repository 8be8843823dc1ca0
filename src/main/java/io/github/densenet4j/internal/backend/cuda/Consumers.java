package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.Buffer;
import io.github.densenet4j.internal.tensor.BufferView;
import io.github.densenet4j.internal.tensor.Input;
import io.github.densenet4j.internal.tensor.InputGradient;
import io.github.densenet4j.internal.tensor.Output;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Who turns the sums that a consumer leaves into gradients of its parameters, offset and slope: whoever comes next to the
 * same tensor. native/cuda/correction.cuh has the whole of it.
 */
final class Consumers {
  /**
   * A consumer of a tensor.
   *
   * @param first whether it was the first to run, so that there are no offset and slope before its own
   */
  record Consumer(InputGradient dx, BufferView gamma, boolean first) {}

  /**
   * A consumer that nobody comes after.
   *
   * @param input what it consumes, in all its channels
   */
  record Last(InputGradient dx, Input input, long channels) {}

  private final Map<Buffer, Consumer> last = new HashMap<>();
  private final Map<Op, Consumer> ofOutput = new IdentityHashMap<>();
  private final Map<Op, Consumer> ofInput = new IdentityHashMap<>();
  private final Map<Buffer, Op> open = new HashMap<>();

  /** @param backward operations in the order in which they run */
  Consumers(Iterable<Op> backward) {
    for (var op : backward) {
      switch (op) {
        case FusedOp.HeadDgrad o -> consume(o, o.dx(), o.x().gamma());
        case FusedOp.TransitionBprop o -> both(o, o.y(), o.dx(), o.x().gamma());
        case FusedOp.BnReluConv1x1Bprop o -> both(o, o.y(), o.dx(), o.x().gamma());
        case FusedOp.BnReluConv3x3Bprop o -> both(o, o.y(), o.dx(), o.x().gamma());
        case FusedOp.BnReluMaxpoolDgrad o -> both(o, o.y(), o.dx(), o.x().gamma());
        case FusedOp.StemConvWgrad o -> correct(o, o.y());
        default -> {}
      }
    }
  }

  private void both(Op op, Output y, InputGradient dx, BufferView gamma) {
    correct(op, y);
    consume(op, dx, gamma);
  }

  private void correct(Op op, Output y) {
    var tensor = y.gradient().offset().buffer();
    ofOutput.put(op, last.get(tensor));
    open.remove(tensor);
  }

  private void consume(Op op, InputGradient dx, BufferView gamma) {
    var tensor = dx.gradient().offset().buffer();
    var before = last.get(tensor);
    ofInput.put(op, before);
    last.put(tensor, new Consumer(dx, gamma, before == null));
    open.put(tensor, op);
  }

  /** The last consumer of what {@code op} corrects the gradient of; null if the program has none. */
  Consumer ofOutput(Op op) {
    return ofOutput.get(op);
  }

  /** What {@code op} consumes, if nobody comes after it who would finish its sums: where training ends. */
  Optional<Last> last(Op op) {
    if (!open.containsValue(op)) {
      return Optional.empty();
    }
    return Optional.of(
        switch (op) {
          case FusedOp.HeadDgrad o -> new Last(o.dx(), o.x(), o.channels());
          case FusedOp.TransitionBprop o -> new Last(o.dx(), o.x(), o.inChannels());
          case FusedOp.BnReluConv1x1Bprop o -> new Last(o.dx(), o.x(), o.inChannels());
          case FusedOp.BnReluConv3x3Bprop o -> new Last(o.dx(), o.x(), o.inChannels());
          case FusedOp.BnReluMaxpoolDgrad o -> new Last(o.dx(), o.x(), o.channels());
          default -> throw new IllegalArgumentException(op.stem() + " consumes nothing");
        });
  }

  /** The consumer that came before {@code op} to the same input; null if it is the first. */
  Consumer ofInput(Op op) {
    return ofInput.get(op);
  }
}
