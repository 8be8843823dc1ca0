package io.github.densenet4j.internal.tensor;

/** What a BN+ReLU consumer reads of its input and of its own parameters in the backward pass. */
public record Input(ChannelSlice value, Statistics statistics, Affine affine, BufferView gamma) {}
