package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.tensor.Buffer;
import io.github.densenet4j.internal.tensor.BufferView;
import io.github.densenet4j.internal.tensor.ChannelSlice;
import io.github.densenet4j.internal.tensor.ElementType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Map;

/** What was in the buffers of a session, by buffer. */
record StoredValues(Map<Buffer, byte[]> bytes) {
  void put(Buffer buffer, byte[] values) {
    bytes.put(buffer, values);
  }

  byte[] get(Buffer buffer) {
    return bytes.get(buffer);
  }

  void put(BufferView view, int index, float value) {
    in(view.buffer()).putFloat((int) view.offset() + index * Float.BYTES, value);
  }

  private ByteBuffer in(Buffer buffer) {
    return ByteBuffer.wrap(bytes.get(buffer)).order(ByteOrder.nativeOrder());
  }

  /** All of a buffer of float32. */
  float[] floats(Buffer buffer) {
    return values(buffer, ElementType.FLOAT32);
  }

  float[] floats(BufferView view, long count) {
    int first = (int) (view.offset() / Float.BYTES);
    return Arrays.copyOfRange(floats(view.buffer()), first, first + (int) count);
  }

  private float[] values(Buffer buffer, ElementType type) {
    var from = in(buffer);
    var values = new float[from.capacity() / type.bytes()];
    for (int i = 0; i < values.length; i++) {
      values[i] =
          type == ElementType.FLOAT32
              ? from.getFloat(i * Float.BYTES)
              : Float.intBitsToFloat(from.getShort(i * Short.BYTES) << 16);
    }
    return values;
  }

  /** The first {@code channels} of every pixel, one pixel after the other. */
  float[] slice(ChannelSlice slice, long channels) {
    float[] values = values(slice.data().buffer(), slice.type());
    int first = (int) (slice.data().offset() / slice.type().bytes());
    int pixels = (int) ((values.length - first - channels) / slice.pitch() + 1);
    var taken = new float[(int) (pixels * channels)];
    for (int i = 0; i < taken.length; i++) {
      taken[i] = values[(int) (first + i / channels * slice.pitch() + i % channels)];
    }
    return taken;
  }
}
