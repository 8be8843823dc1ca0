package io.github.densenet4j.train;

import io.github.densenet4j.error.ConfigurationException;

/**
 * Stops a training whose held-out loss, or training loss if no images are held out, has stopped falling. A training
 * that was resumed is stopped where it would have been without; one that was stopped here and is resumed waits anew.
 *
 * @since 0.1
 */
public final class EarlyStopping implements TrainingListener {
  private final int patience;
  private final double leastImprovement;
  private Patience state;

  /**
   * Stops after so many epochs in a row without an improvement.
   *
   * @param patience at least 1
   * @param leastImprovement by how much the loss must be below the lowest before to count, in nats, at least 0
   * @throws ConfigurationException if a value is out of range
   */
  public EarlyStopping(int patience, double leastImprovement) {
    if (patience < 1) {
      throw new ConfigurationException("patience is " + patience + ", it must be at least 1", "patience");
    }
    if (!(leastImprovement >= 0 && Double.isFinite(leastImprovement))) {
      throw new ConfigurationException("least improvement is " + leastImprovement + ", it must be at least 0");
    }
    this.patience = patience;
    this.leastImprovement = leastImprovement;
    state = new Patience(patience, leastImprovement);
  }

  /** Looks at what a resumed training came to before, and forgets any other. */
  @Override
  public void started(Start start) {
    state = new Patience(patience, leastImprovement);
    start.history().forEach(scores -> state.ends(scores.watchedLoss()));
  }

  @Override
  public Decision epochEnded(Epoch epoch) {
    return state.ends(epoch.scores().watchedLoss()) ? Decision.STOP : Decision.CONTINUE;
  }
}
