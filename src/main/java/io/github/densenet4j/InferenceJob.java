package io.github.densenet4j;

/** One image on its way through the network; guarded by the lock of its {@link ComputeQueue}. */
final class InferenceJob {
  private final float[] image; // (size, size, channels), normalised
  private final boolean featured;
  private float[] logits; // (classes)
  private float[] features; // (final channels)
  private Throwable failure;
  private boolean taken;
  private boolean done;

  /**
   * @param image (size, size, channels), normalised
   * @param featured whether the pooled features are asked for
   */
  InferenceJob(float[] image, boolean featured) {
    this.image = image;
    this.featured = featured;
  }

  float[] image() {
    return image;
  }

  boolean featured() {
    return featured;
  }

  void setLogits(float[] values) {
    logits = values;
  }

  float[] logits() {
    return logits;
  }

  void setFeatures(float[] values) {
    features = values;
  }

  float[] features() {
    return features;
  }

  /** It is in a batch from now on. */
  void take() {
    taken = true;
  }

  boolean isTaken() {
    return taken;
  }

  /** @param failure null if there was none */
  void finish(Throwable failure) {
    this.failure = failure;
    done = true;
  }

  /** It will not be computed. */
  void skip() {
    done = true;
  }

  boolean isDone() {
    return done;
  }

  Throwable failure() {
    return failure;
  }
}
