package io.github.densenet4j.internal.checkpoint;

/**
 * Where and how a network is trained: what its bits depend on besides settings and data.
 *
 * @param device its name, and how it computes if that can be chosen
 * @param strategy by name
 * @param precision by name
 * @param processor the kind of processor; another one rounds otherwise
 */
public record Computation(String device, String strategy, String precision, String processor) {}
