package io.github.densenet4j.internal.tensor;

/**
 * Batch statistics, a float32 value a channel.
 *
 * @param variance biased (divided by the number of pixels)
 */
public record Statistics(BufferView mean, BufferView variance) {
  /** Not wanted: at inference. */
  public static final Statistics NONE = new Statistics(BufferView.NONE, BufferView.NONE);

  public Statistics from(long channels) {
    return new Statistics(mean.plusFloats(channels), variance.plusFloats(channels));
  }
}
