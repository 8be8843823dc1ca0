package io.github.densenet4j.internal.backend.cuda;

import io.github.densenet4j.internal.backend.cuda.driver.Grid;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.tensor.Dropout;
import io.github.densenet4j.internal.tensor.Output;

/**
 * The gradient before a dropout: with a mask the deferred correction is a kernel of its own, native/cuda/
 * dropout_correction.cu, and the backward kernels find it done.
 */
final class DropoutLaunches {
  private static final int THREADS = 256;
  private static final int BLOCKS = 4;

  private final Kernels kernels;
  private final FusedOperands operands;
  private final FusedProgram program;

  DropoutLaunches(Kernels kernels, FusedOperands operands, FusedProgram program) {
    this.kernels = kernels;
    this.operands = operands;
    this.program = program;
  }

  /** What a backward kernel is told of the correction of y's gradient. */
  Struct correction(Op op, Output y, Dropout dropout, long pixels) {
    return dropout.rate() > 0 ? FusedOperands.corrected(pixels) : operands.correction(op, y, pixels);
  }

  /** {@code launch}, and before it the mask if there is one. */
  Launch before(Op op, Output y, Dropout dropout, long pixels, long channels, Launch launch) {
    if (dropout.rate() == 0) {
      return launch;
    }
    long resident = (long) BLOCKS * program.kernels().device().multiprocessors();
    long blocks = Math.min(Math.ceilDiv(pixels * channels, THREADS), resident);
    var s = y.gradient().sum();
    var mask =
        kernels.grid(
            program.kernels().named("dropout_correction"),
            new Grid(Math.toIntExact(blocks), 1, THREADS, Math.toIntExact(channels * 16)),
            Struct.of(
                    operands.data(s), operands.data(y.value()), s.pitch(), y.value().pitch(), channels, pixels)
                .with(operands.dropout(dropout))
                .with(operands.correction(op, y, pixels))
                .members());
    return () -> {
      mask.enqueue();
      launch.enqueue();
    };
  }
}
