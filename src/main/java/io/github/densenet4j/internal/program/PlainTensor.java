package io.github.densenet4j.internal.program;

import io.github.densenet4j.internal.tensor.ChannelSlice;

/**
 * The output of a convolution or pool.
 *
 * @param gradient null at inference and in the frozen prefix
 */
record PlainTensor(ChannelSlice value, ChannelSlice gradient, int channels) {}
