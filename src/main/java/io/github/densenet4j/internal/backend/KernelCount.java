package io.github.densenet4j.internal.backend;

/**
 * Kernels of a step on a GPU.
 *
 * @param path that run one after the other
 * @param beside that run beside one of those
 */
public record KernelCount(int path, int beside) {}
