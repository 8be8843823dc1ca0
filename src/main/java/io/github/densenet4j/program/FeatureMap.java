package io.github.densenet4j.program;

import io.github.densenet4j.tensor.Extent;
import io.github.densenet4j.tensor.Output;

/**
 * Feature maps in one buffer: a block's feature buffer, or the tensor between two convolutions. At inference it has no
 * statistics and no gradient.
 */
record FeatureMap(Output tensor, Extent extent) {}
