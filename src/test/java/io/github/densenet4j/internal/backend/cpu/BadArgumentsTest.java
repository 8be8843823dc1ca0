package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.BufferView;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** A refused operation says why in one sentence and writes nothing. */
class BadArgumentsTest {
  /** More than any tensor of a sample has. */
  private static final int VALUES = 1024;

  private final OpHarness harness = new OpHarness(Layout.WIDE);
  private final SampleOps samples = new SampleOps(() -> harness.destination("tensor", VALUES).view());

  static Stream<Class<?>> operations() {
    return SampleOps.classes();
  }

  static Stream<Class<?>> operationsWithWorkspace() {
    var anywhere = new SampleOps(() -> BufferView.NONE);
    var backend = new CpuBackend(1, OpHarness.INSTRUCTION_SETS.getFirst());
    return SampleOps.classes().filter(type -> backend.workspaceBytes(anywhere.of(type)) > 0);
  }

  @ParameterizedTest
  @MethodSource("operations")
  void refusesLessThanOneThread(Class<?> type) {
    Op op = samples.of(type);
    for (var isa : OpHarness.INSTRUCTION_SETS) {
      for (int threads : new int[] {0, -1}) {
        assertThat(harness.refusal(op, isa, threads, 1 << 16))
            .isEqualTo(op.stem() + ": threads is " + threads + ", at least 1 is needed");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("operationsWithWorkspace")
  void refusesTooLittleScratchMemory(Class<?> type) {
    Op op = samples.of(type);
    for (var isa : OpHarness.INSTRUCTION_SETS) {
      for (int threads = 1; threads <= 2; threads++) {
        long needed = new CpuBackend(threads, isa).workspaceBytes(op);
        for (long given : new long[] {0, needed / 2, needed - 1}) {
          assertThat(harness.refusal(op, isa, threads, given))
              .isEqualTo(op.stem() + ": workspace bytes is " + given + ", at least " + needed + " is needed");
        }
      }
    }
  }
}
