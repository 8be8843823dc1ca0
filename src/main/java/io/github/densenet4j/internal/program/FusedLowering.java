package io.github.densenet4j.internal.program;

import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.config.Precision;
import io.github.densenet4j.config.Strategy;

/**
 * The default strategy: one feature buffer per dense block, batch statistics once per channel, BN and ReLU applied by
 * their consumers, gradients summed first and corrected once. Nothing is concatenated, stored normalised or, at memory
 * level {@link MemoryLevel#DEFAULT}, recomputed.
 */
record FusedLowering(MemoryLevel memory, Precision precision) implements Lowering {
  @Override
  public Strategy strategy() {
    return Strategy.FUSED;
  }

  @Override
  public Passes write(NetworkBuffers buffers) {
    return new FusedNetwork(buffers, memory == MemoryLevel.MINIMAL).passes();
  }
}
