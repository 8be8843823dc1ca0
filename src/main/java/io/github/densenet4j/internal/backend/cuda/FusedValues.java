package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.tensor.ElementType;

/** What the fused strategy's kernels make of a type of feature maps. */
record FusedValues(ElementType type) {
  boolean full() {
    return type == ElementType.FLOAT32;
  }

  /** Bytes of a value. */
  int size() {
    return type.bytes();
  }

  /** Values of 16 bytes. */
  int vector() {
    return PackedWeight.VECTOR_BYTES / size();
  }

  /** The kernel of a stem for these values. */
  String named(String stem) {
    return full() ? stem + "_fp32" : stem;
  }
}
