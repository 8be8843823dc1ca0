package io.github.densenet4j.train;

/**
 * What to do with a training that is already in the folder of a new one.
 *
 * @since 0.1
 */
public enum IfExists {
  /** Refuse to start. */
  FAIL,
  /** Go on where it stopped, with the same settings; the weights are the folder's then. Starts if there is none. */
  RESUME
}
