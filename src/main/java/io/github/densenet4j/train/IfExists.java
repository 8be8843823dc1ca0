package io.github.densenet4j.train;

/**
 * What to do with a training that is already in the folder of a new one.
 *
 * @since 0.1
 */
public enum IfExists {
  /** Refuse to start. */
  FAIL,
  /**
   * Go on where it stopped, with the same settings, data, device, strategy and precision; the weights are the folder's
   * then. It ends in the bits of a training that was not stopped; whatever would change them is refused. Starts if
   * there is none.
   */
  RESUME,
  /** The same, but on other images of the same number and kind, another device, strategy or precision as well. */
  RESUME_WITH_DIFFERENT_BITS
}
