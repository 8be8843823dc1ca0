package io.github.densenet4j.tensor;

/**
 * A channel slice of an NHWC float32 tensor: channel c of pixel p lies {@code p * pitch + c} values after {@code data}.
 *
 * @param pitch values from one pixel to the next
 */
public record ChannelSlice(BufferView data, long pitch) {
  /** The same slice without its first {@code channels} channels. */
  public ChannelSlice from(long channels) {
    return new ChannelSlice(data.plusFloats(channels), pitch);
  }
}
