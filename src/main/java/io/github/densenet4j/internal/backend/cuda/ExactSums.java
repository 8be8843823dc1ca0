package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.Buffer;
import io.github.densenet4j.internal.tensor.BufferView;
import io.github.densenet4j.internal.tensor.InputGradient;
import io.github.densenet4j.internal.tensor.Statistics;
import java.util.HashMap;
import java.util.Map;

/**
 * Where the sums over blocks of a step lie that native/cuda/exact_sum.cuh makes: of each channel of a tensor its sum and sum
 * of squares, and of each channel of a consumer what its parameters' gradients are made of.
 */
final class ExactSums {
  /** Two sums of three words each. */
  private static final long CHANNEL_BYTES = 48;

  private final Map<Buffer, Long> statistics = new HashMap<>();
  private final Map<BufferView, Long> consumers = new HashMap<>();
  private long bytes;

  ExactSums(Iterable<Op> ops) {
    for (var op : ops) {
      switch (op) {
        case FusedOp.StemConvFprop o -> add(o.yStatistics());
        case FusedOp.BnReluMaxpoolFprop o -> add(o.yStatistics());
        case FusedOp.BnReluConv1x1Fprop o -> add(o.yStatistics());
        case FusedOp.BnReluConv3x3Fprop o -> add(o.yStatistics());
        case FusedOp.TransitionFprop o -> add(o.yStatistics());
        case FusedOp.BnReluMaxpoolDgrad o -> add(o.dx(), o.channels());
        case FusedOp.BnReluConv1x1Bprop o -> add(o.dx(), o.inChannels());
        case FusedOp.BnReluConv3x3Bprop o -> add(o.dx(), o.inChannels());
        case FusedOp.TransitionBprop o -> add(o.dx(), o.inChannels());
        case FusedOp.HeadDgrad o -> add(o.dx(), o.channels());
        default -> {}
      }
    }
  }

  private void add(Statistics of) {
    var mean = of.mean().buffer();
    if (mean != null && statistics.putIfAbsent(mean, bytes) == null) {
      bytes += mean.bytes() / Float.BYTES * CHANNEL_BYTES;
    }
  }

  private void add(InputGradient dx, long channels) {
    consumers.put(dx.dgamma(), bytes);
    bytes += channels * CHANNEL_BYTES;
  }

  long bytes() {
    return bytes;
  }

  /** Whether an operation of the program makes them. */
  boolean has(Statistics of) {
    return statistics.containsKey(of.mean().buffer());
  }

  /** Bytes from the start of all sums to those of the first channel of {@code of}. */
  long offset(Statistics of) {
    return statistics.get(of.mean().buffer()) + channels(of.mean()) * CHANNEL_BYTES;
  }

  /** The same of a consumer, from its channel {@code first} on. */
  long offset(InputGradient dx, long first) {
    return consumers.get(dx.dgamma()) + first * CHANNEL_BYTES;
  }

  private static long channels(BufferView view) {
    return view.offset() / Float.BYTES;
  }
}
