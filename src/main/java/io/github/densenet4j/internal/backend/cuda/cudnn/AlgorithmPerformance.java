package io.github.densenet4j.internal.backend.cuda.cudnn;

import java.lang.foreign.MemoryLayout.PathElement;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * {@code cudnnConvolution*AlgoPerf_t}, alike for the three directions.
 *
 * @param status of this algorithm for these shapes
 * @param milliseconds measured or guessed; -1 if it failed
 * @param math the value of a {@link MathType}
 */
record AlgorithmPerformance(
    int algorithm, int status, float milliseconds, long workspaceBytes, boolean deterministic, int math) {
  static final StructLayout LAYOUT =
      MemoryLayout.structLayout(
          ValueLayout.JAVA_INT.withName("algo"),
          ValueLayout.JAVA_INT.withName("status"),
          ValueLayout.JAVA_FLOAT.withName("time"),
          MemoryLayout.paddingLayout(4),
          ValueLayout.JAVA_LONG.withName("memory"),
          ValueLayout.JAVA_INT.withName("determinism"),
          ValueLayout.JAVA_INT.withName("mathType"),
          MemoryLayout.sequenceLayout(3, ValueLayout.JAVA_INT).withName("reserved"),
          MemoryLayout.paddingLayout(4));

  /** The first of an array of structs. */
  static Stream<AlgorithmPerformance> read(MemorySegment results, int count) {
    return IntStream.range(0, count)
        .mapToObj(i -> of(results.asSlice(i * LAYOUT.byteSize(), LAYOUT)));
  }

  private static AlgorithmPerformance of(MemorySegment struct) {
    return new AlgorithmPerformance(
        struct.get(ValueLayout.JAVA_INT, offset("algo")),
        struct.get(ValueLayout.JAVA_INT, offset("status")),
        struct.get(ValueLayout.JAVA_FLOAT, offset("time")),
        struct.get(ValueLayout.JAVA_LONG, offset("memory")),
        struct.get(ValueLayout.JAVA_INT, offset("determinism")) == Determinism.DETERMINISTIC.value(),
        struct.get(ValueLayout.JAVA_INT, offset("mathType")));
  }

  private static long offset(String member) {
    return LAYOUT.byteOffset(PathElement.groupElement(member));
  }
}
