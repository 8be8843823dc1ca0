package io.github.densenet4j.internal.training;

import io.github.densenet4j.data.Evaluation;
import io.github.densenet4j.internal.checkpoint.Checkpoint;
import java.util.Optional;

/**
 * What a training ended with.
 *
 * @param evaluation of the held-out images with the last weights, if there are any
 * @param stopped whether a listener ended it
 */
public record Outcome(Checkpoint last, Optional<Evaluation> evaluation, boolean stopped) {}
