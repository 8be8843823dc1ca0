package io.github.densenet4j.internal.program;

import io.github.densenet4j.internal.tensor.ChannelSlice;

/**
 * The output of a convolution or pool.
 *
 * @param gradient null at inference
 */
record PlainTensor(ChannelSlice value, ChannelSlice gradient, int channels) {}
