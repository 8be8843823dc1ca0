package io.github.densenet4j.internal.tensor;

/**
 * Dropout after a convolution; its mask is a function of seed and step (in {@code control}), layer and element.
 *
 * @param layer tells the convolutions of a network apart
 * @param rate the probability of a zero, in [0, 1)
 */
public record Dropout(BufferView control, long layer, double rate) {}
