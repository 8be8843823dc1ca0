package io.github.densenet4j.internal.program;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.error.ConfigurationException;
import io.github.densenet4j.internal.network.Parameters;
import io.github.densenet4j.internal.tensor.BufferView;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * A network as ordered lists of operations on logical buffers.
 *
 * @param config the network
 * @param lowering the strategy that wrote it
 * @param workload what it was written for
 * @param parameters the network's tensors and their places in the ports' groups
 * @param ports the buffers that the outside reads and writes
 * @param phases the operations of each phase; an absent phase has none
 */
public record Program(
    DenseNetConfig config,
    Lowering lowering,
    Workload workload,
    Parameters parameters,
    Ports ports,
    Map<Phase, List<Op>> phases) {

  /** @throws ConfigurationException if it trains and some batch normalisation would have a single value a channel */
  public Program {
    int smallest = config.blocks().getLast().size();
    if (workload.training() && (long) workload.batch() * smallest * smallest < 2) {
      throw new ConfigurationException(
          "batch size is 1 and the last block works on a single pixel, so batch normalisation has one value a "
              + "channel: use a larger batch or larger images",
          "batch size");
    }
    var copy = new EnumMap<Phase, List<Op>>(Phase.class);
    for (var phase : Phase.values()) {
      copy.put(phase, List.copyOf(phases.getOrDefault(phase, List.of())));
    }
    phases = copy;
  }

  public List<Op> ops(Phase phase) {
    return phases.get(phase);
  }

  /** The operations of all phases, in order: the time axis of a memory plan. */
  public List<Op> ops() {
    var all = new ArrayList<Op>();
    phases.values().forEach(all::addAll);
    return all;
  }

  /** The operations of one training step, or of one inference if the program does not train, on images as floats. */
  public List<Op> step() {
    if (!workload.training()) {
      return ops(Phase.INFER);
    }
    var step = new ArrayList<>(ops(Phase.FORWARD));
    step.addAll(ops(Phase.BACKWARD));
    step.addAll(ops(Phase.UPDATE));
    return step;
  }

  /**
   * The pooled features of an inference, float32 (batch, final channels). They are there until anything else runs, as
   * the last operation reads them.
   */
  public BufferView pooled() {
    return switch (ops(Phase.INFER).getLast()) {
      case FusedOp.HeadFprop head -> head.pooled();
      case PlainOp.LinearFprop linear -> linear.x();
      case Op other -> throw new IllegalStateException("inference does not end with a classifier but with " + other);
    };
  }

  /** For people who look for a session that they have forgotten. */
  public String description() {
    return "a session of %s in batches of %d".formatted(config.name(), workload.batch());
  }

  /** The least bytes that a step moves. */
  public long trafficBytes() {
    return step().stream().mapToLong(Op::trafficBytes).sum();
  }

  /** Multiplications and additions of a step's convolutions and matrix products. */
  public long flops() {
    return step().stream().mapToLong(Op::flops).sum();
  }
}
