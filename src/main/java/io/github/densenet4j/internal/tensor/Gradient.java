package io.github.densenet4j.internal.tensor;

/**
 * The gradient of a slice whose consumers are batch normalisations, before its one correction:
 * {@code dx = (sum - offset - xhat * slope) / sqrt(variance + eps)}.
 *
 * @param sum the sum over consumers of gamma * dy, a tensor
 * @param offset the sum over consumers of gamma * dbeta / M, a value a channel
 * @param slope the sum over consumers of gamma * dgamma / M, a value a channel
 */
public record Gradient(ChannelSlice sum, BufferView offset, BufferView slope) {
  public Gradient from(long channels) {
    return new Gradient(sum.from(channels), offset.plusFloats(channels), slope.plusFloats(channels));
  }
}
