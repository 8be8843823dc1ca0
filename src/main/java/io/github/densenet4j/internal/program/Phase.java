package io.github.densenet4j.internal.program;

/** The parts of a program, in the order in which a training step and an evaluation run them. */
public enum Phase {
  /** Images as bytes to the network's input; left out if the images are given as the network reads them. */
  INPUT,
  /** Images and labels to logits, loss and everything the backward pass needs; updates running statistics. */
  FORWARD,
  /** Gradients of all parameters. */
  BACKWARD,
  /** The optimizer's step. */
  UPDATE,
  /**
   * Parameters and running statistics to what inference reads of them, in lasting buffers; to be run again before the
   * next {@link #INFER} whenever these have changed.
   */
  FOLD,
  /** Images to logits with running statistics; changes no state. */
  INFER
}
