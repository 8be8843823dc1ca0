package io.github.densenet4j.program;

/**
 * The default strategy: one feature buffer per dense block, batch statistics once per channel, BN and ReLU applied by
 * their consumers, gradients summed first and corrected once. Nothing is concatenated, stored normalised or, at memory
 * level {@link MemoryLevel#DEFAULT}, recomputed.
 */
public record FusedLowering(MemoryLevel memory) implements Lowering {
  @Override
  public String strategy() {
    return "fused";
  }

  @Override
  public Passes write(NetworkBuffers buffers) {
    return new FusedNetwork(buffers, memory == MemoryLevel.MINIMAL).passes();
  }
}
