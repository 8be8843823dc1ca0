package io.github.densenet4j.internal.program;

import io.github.densenet4j.internal.tensor.Extent;
import io.github.densenet4j.internal.tensor.Output;

/**
 * Feature maps in one buffer: a block's feature buffer, or the tensor between two convolutions. Where nobody
 * normalises it by the batch it has no statistics and no gradient.
 *
 * @param saved what the backward pass reads: {@code tensor}, or one with the same values that are recomputed
 */
record FeatureMap(Output tensor, Output saved, Extent extent) {
  /** Without the first {@code channels} channels. */
  FeatureMap from(long channels) {
    return new FeatureMap(tensor.from(channels), saved.from(channels), extent);
  }
}
