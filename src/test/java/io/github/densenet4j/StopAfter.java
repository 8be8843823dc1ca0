package io.github.densenet4j;

import io.github.densenet4j.train.TrainingListener;

/** Stops a training after an epoch of that number. */
record StopAfter(int epoch) implements TrainingListener {
  @Override
  public Decision epochEnded(Epoch ended) {
    return ended.scores().epoch() == epoch ? Decision.STOP : Decision.CONTINUE;
  }
}
