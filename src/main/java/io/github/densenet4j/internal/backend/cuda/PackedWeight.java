package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.BufferView;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The weights of a convolution as kernels read them: (taps, planes, rows) times 16 bytes of channels, with zeros where
 * they pad.
 *
 * @param offset bytes from the start of all of them
 * @param planes of 16 bytes of channels
 * @param rows at least as many as outputs
 */
record PackedWeight(long offset, long outputs, long channels, long taps, long planes, long rows) {
  /** Of neighbouring channels of an output. */
  static final int VECTOR_BYTES = 16;

  /** All that a program's convolutions read, by the float32 weights, (outputs, channels, taps). */
  static Map<BufferView, PackedWeight> of(Iterable<Op> ops, FusedKernels kernels) {
    var all = new LinkedHashMap<BufferView, PackedWeight>();
    for (var op : ops) {
      switch (op) {
        case FusedOp.BnReluConv1x1Fprop c ->
            pointwise(all, kernels, c.weight(), c.outChannels(), c.inChannels(), false);
        case FusedOp.BnReluConv1x1Bprop c ->
            pointwise(all, kernels, c.weight(), c.outChannels(), c.inChannels(), false);
        case FusedOp.TransitionFprop c -> pointwise(all, kernels, c.weight(), c.outChannels(), c.inChannels(), true);
        case FusedOp.TransitionBprop c -> pointwise(all, kernels, c.weight(), c.outChannels(), c.inChannels(), true);
        case FusedOp.BnReluConv3x3Fprop c -> spatial(all, kernels, c.weight(), c.outChannels(), c.inChannels());
        case FusedOp.BnReluConv3x3Bprop c -> spatial(all, kernels, c.weight(), c.outChannels(), c.inChannels());
        case FusedOp.BottleneckInfer c -> {
          pointwise(all, kernels, c.weight1(), c.bottleneckChannels(), c.inChannels(), false);
          spatial(all, kernels, c.weight2(), c.outChannels(), c.bottleneckChannels());
        }
        default -> {}
      }
    }
    return all;
  }

  private static void pointwise(
      Map<BufferView, PackedWeight> all, FusedKernels kernels, BufferView weight, long out, long in,
      boolean transition) {
    all.computeIfAbsent(weight, _ -> kernels.pointwise().weight(bytes(all), out, in, transition));
  }

  private static void spatial(
      Map<BufferView, PackedWeight> all, FusedKernels kernels, BufferView weight, long out, long in) {
    all.computeIfAbsent(weight, _ -> kernels.spatial().weight(bytes(all), out, in));
  }

  /** Of all weights in the map. */
  static long bytes(Map<BufferView, PackedWeight> all) {
    return all.values().stream().mapToLong(packed -> packed.vectors() * VECTOR_BYTES).sum();
  }

  long vectors() {
    return taps * planes * rows;
  }
}
