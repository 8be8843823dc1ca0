package io.github.densenet4j.program;

import java.util.List;

/**
 * What a strategy makes of a network.
 *
 * @param forward from images to logits; if it trains, to the loss
 * @param backward from the loss to all gradients; empty at inference
 */
public record Passes(List<Op> forward, List<Op> backward) {}
