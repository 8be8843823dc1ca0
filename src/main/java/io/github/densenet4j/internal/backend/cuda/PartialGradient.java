package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.BufferView;

/**
 * The gradient of a convolution's weights as blocks leave it: (parts, taps, outputs, channels), float32.
 *
 * @param name of its buffer
 * @param gradient where the sum goes, (outputs, channels, taps)
 * @param last the operation after which it is summed, with those of the operations before
 * @param until the operation after which that is done
 */
record PartialGradient(
    String name, Op op, Op last, Op until, BufferView gradient, long parts, long outputs, long channels, long taps) {
  /** Of a part. */
  long values() {
    return outputs * channels * taps;
  }

  long bytes() {
    return parts * values() * Float.BYTES;
  }
}
