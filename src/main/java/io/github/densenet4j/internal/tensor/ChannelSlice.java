package io.github.densenet4j.internal.tensor;

/**
 * A channel slice of an NHWC tensor: channel c of pixel p lies {@code p * pitch + c} values after {@code data}.
 *
 * @param pitch values from one pixel to the next
 * @param type of the values
 */
public record ChannelSlice(BufferView data, long pitch, ElementType type) {
  /** A slice of float32 values. */
  public ChannelSlice(BufferView data, long pitch) {
    this(data, pitch, ElementType.FLOAT32);
  }

  /** The same slice without its first {@code channels} channels. */
  public ChannelSlice from(long channels) {
    return new ChannelSlice(data.plusBytes(channels * type.bytes()), pitch, type);
  }
}
