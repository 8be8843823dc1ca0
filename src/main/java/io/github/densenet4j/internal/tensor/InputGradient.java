package io.github.densenet4j.internal.tensor;

/**
 * What a BN+ReLU consumer hands back.
 *
 * @param gradient of its input
 * @param dgamma of its own BN weight; always overwritten
 * @param dbeta of its own BN bias; always overwritten
 * @param accumulate whether {@code gradient} is added to; the first consumer of the backward pass overwrites it
 */
public record InputGradient(Gradient gradient, BufferView dgamma, BufferView dbeta, boolean accumulate) {}
