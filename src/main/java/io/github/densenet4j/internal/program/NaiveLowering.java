package io.github.densenet4j.internal.program;

import io.github.densenet4j.config.Strategy;

/**
 * What frameworks do, the baseline: every layer concatenates its inputs into a tensor of its own, normalises it into a
 * second and rectifies that into a third, and all three are kept for the backward pass.
 */
record NaiveLowering() implements Lowering {
  @Override
  public Strategy strategy() {
    return Strategy.NAIVE;
  }

  @Override
  public Passes write(NetworkBuffers buffers) {
    return new PlainNetwork(buffers, false).passes();
  }
}
