package io.github.densenet4j.internal.backend.cuda;

import static io.github.densenet4j.internal.backend.cuda.FusedKernel.roundUp;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.BufferView;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The weights of a convolution in bfloat16 as kernels read them: (taps, planes, rows, 8), with zeros where they pad.
 *
 * @param offset bytes from the start of all of them
 * @param weight the float32 ones, (outputs, channels, taps)
 * @param planes of eight channels
 * @param rows at least as many as outputs
 */
record PackedWeight(
    long offset, BufferView weight, long outputs, long channels, long taps, long planes, long rows) {
  private static final int VECTOR = 8;

  /** Of eight channels of an output. */
  static final int VECTOR_BYTES = 16;

  /** All that a program's convolutions read, by the float32 weights. */
  static Map<BufferView, PackedWeight> of(Iterable<Op> ops) {
    var all = new LinkedHashMap<BufferView, PackedWeight>();
    for (var op : ops) {
      switch (op) {
        case FusedOp.BnReluConv1x1Fprop c -> pointwise(all, c.weight(), c.outChannels(), c.inChannels());
        case FusedOp.BnReluConv1x1Bprop c -> pointwise(all, c.weight(), c.outChannels(), c.inChannels());
        case FusedOp.TransitionFprop c -> transition(all, c.weight(), c.outChannels(), c.inChannels());
        case FusedOp.TransitionBprop c -> transition(all, c.weight(), c.outChannels(), c.inChannels());
        case FusedOp.BnReluConv3x3Fprop c -> spatial(all, c.weight(), c.outChannels(), c.inChannels());
        case FusedOp.BnReluConv3x3Bprop c -> spatial(all, c.weight(), c.outChannels(), c.inChannels());
        case FusedOp.BottleneckInfer c -> {
          pointwise(all, c.weight1(), c.bottleneckChannels(), c.inChannels());
          spatial(all, c.weight2(), c.outChannels(), c.bottleneckChannels());
        }
        default -> {}
      }
    }
    return all;
  }

  private static void pointwise(Map<BufferView, PackedWeight> all, BufferView weight, long out, long in) {
    add(all, weight, out, in, 1, roundUp(in, 32) / VECTOR, out <= FusedKernels.NARROW_BOTTLENECK ? 48 : roundUp(out, 128));
  }

  private static void transition(Map<BufferView, PackedWeight> all, BufferView weight, long out, long in) {
    add(all, weight, out, in, 1, roundUp(in, 32) / VECTOR, roundUp(out, 128));
  }

  private static void spatial(Map<BufferView, PackedWeight> all, BufferView weight, long out, long in) {
    boolean narrow = out <= FusedKernels.NARROW_GROWTH;
    add(all, weight, out, in, 9, roundUp(in, narrow ? 48 : 64) / VECTOR, narrow ? 16 : roundUp(out, 32));
  }

  private static void add(
      Map<BufferView, PackedWeight> all, BufferView weight, long out, long in, long taps, long planes, long rows) {
    all.computeIfAbsent(weight, _ -> new PackedWeight(bytes(all), weight, out, in, taps, planes, rows));
  }

  /** Of all weights in the map. */
  static long bytes(Map<BufferView, PackedWeight> all) {
    return all.values().stream().mapToLong(packed -> packed.vectors() * VECTOR_BYTES).sum();
  }

  long vectors() {
    return taps * planes * rows;
  }
}
