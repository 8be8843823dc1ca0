package io.github.densenet4j.internal.tensor;

/** Batch normalisation as one consumer of x sees it: {@code y = scale * x + shift}, a float32 value a channel. */
public record Affine(BufferView scale, BufferView shift) {}
