package io.github.densenet4j.internal.tensor;

/**
 * A tensor that a convolution wrote, as the backward pass needs it.
 *
 * @param gradient null at inference
 */
public record Output(Gradient gradient, ChannelSlice value, Statistics statistics) {
  /** Without the first {@code channels} channels. */
  public Output from(long channels) {
    return new Output(gradient == null ? null : gradient.from(channels), value.from(channels), statistics.from(channels));
  }
}
