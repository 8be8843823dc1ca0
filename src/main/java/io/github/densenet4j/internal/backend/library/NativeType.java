package io.github.densenet4j.internal.backend.library;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.ValueLayout;
import java.util.stream.Stream;

/** The types in the signatures of C functions, and what carries them in Java. */
public enum NativeType {
  VOID(null),
  /** {@code int} and enums. */
  INT(ValueLayout.JAVA_INT),
  /** {@code size_t}, and {@code unsigned long} on Linux. */
  SIZE(ValueLayout.JAVA_LONG),
  DOUBLE(ValueLayout.JAVA_DOUBLE),
  /** A pointer that Java never follows, carried as a long: handles, descriptors, streams, device memory. */
  OPAQUE(ValueLayout.JAVA_LONG),
  /** A pointer to host memory, carried as a MemorySegment. */
  HOST(ValueLayout.ADDRESS);

  private final MemoryLayout layout;

  NativeType(MemoryLayout layout) {
    this.layout = layout;
  }

  static FunctionDescriptor descriptor(NativeType result, NativeType... parameters) {
    var layouts = Stream.of(parameters).map(type -> type.layout).toArray(MemoryLayout[]::new);
    return result == VOID ? FunctionDescriptor.ofVoid(layouts) : FunctionDescriptor.of(result.layout, layouts);
  }
}
