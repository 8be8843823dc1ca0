package io.github.densenet4j.internal.program;

import io.github.densenet4j.config.Strategy;

/**
 * The published memory-efficient scheme (Pleiss et al. 2017): only the outputs of convolutions are kept. Concatenations
 * and normalised tensors live for one layer at a time, in the same bytes for all layers, and are recomputed in the
 * backward pass; the recomputation normalises with the saved batch statistics and updates no running ones.
 */
record SharedLowering() implements Lowering {
  @Override
  public Strategy strategy() {
    return Strategy.SHARED;
  }

  @Override
  public Passes write(NetworkBuffers buffers) {
    return new PlainNetwork(buffers, true).passes();
  }
}
