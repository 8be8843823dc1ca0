package io.github.densenet4j.internal.program;

import io.github.densenet4j.config.MemoryLevel;
import io.github.densenet4j.internal.tensor.ElementType;

/**
 * The default strategy: one feature buffer per dense block, batch statistics once per channel, BN and ReLU applied by
 * their consumers, gradients summed first and corrected once. Nothing is concatenated, stored normalised or, at memory
 * level {@link MemoryLevel#DEFAULT}, recomputed.
 */
public record FusedLowering(MemoryLevel memory, ElementType precision) implements Lowering {
  /** In float32. */
  public FusedLowering(MemoryLevel memory) {
    this(memory, ElementType.FLOAT32);
  }

  @Override
  public String strategy() {
    return "fused";
  }

  @Override
  public Passes write(NetworkBuffers buffers) {
    return new FusedNetwork(buffers, memory == MemoryLevel.MINIMAL).passes();
  }
}
