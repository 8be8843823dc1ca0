package io.github.densenet4j.internal.program;

import java.util.List;

/**
 * What a strategy makes of a network.
 *
 * @param fold from parameters and running statistics to what inference reads of them; empty if it trains
 * @param forward from images to logits; if it trains, to the loss
 * @param backward from the loss to all gradients; empty at inference
 */
public record Passes(List<Op> fold, List<Op> forward, List<Op> backward) {}
