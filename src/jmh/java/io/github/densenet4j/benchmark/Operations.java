package io.github.densenet4j.benchmark;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.Session;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
import io.github.densenet4j.internal.program.Lowering;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import io.github.densenet4j.internal.tensor.Buffer;
import io.github.densenet4j.internal.tensor.BufferView;
import io.github.densenet4j.internal.tensor.Category;
import io.github.densenet4j.internal.tensor.ChannelSlice;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A few operations on buffers of their own, loaded as a program without a network. */
final class Operations implements AutoCloseable {
  private static final Program ANY =
      Lowerings.standard().lower(DenseNetConfig.named("bc-40-12"), Workload.inference(1));

  private final Backend backend;
  private final Session session;

  /** On the processor. */
  Operations(List<Op> ops) {
    this(new CpuBackend(CpuBackend.processors()), ops);
  }

  /** @param backend is closed with this */
  Operations(Backend backend, List<Op> ops) {
    this.backend = backend;
    var program =
        new Program(
            ANY.config(), ANY.lowering(), ANY.workload(), ANY.parameters(), ANY.ports(), Map.of(Phase.INFER, ops));
    session = backend.load(program, backend.plan(program));
  }

  /** Room for weights, 176,000 values: devices that pack weights do so whenever something is written here. */
  static BufferView parameters() {
    return ANY.ports().parameters().view();
  }

  /** The strategy of a label such as {@code fused minimal}. */
  static Lowering lowering(String label) {
    return Lowerings.all().stream().filter(lowering -> lowering.label().equals(label)).findFirst().orElseThrow();
  }

  static BufferView floats(String name, long count) {
    return new Buffer(name, "", Category.ACTIVATIONS, count * Float.BYTES, true).view();
  }

  static ChannelSlice tensor(String name, long pixels, long channels) {
    return new ChannelSlice(floats(name, pixels * channels), channels);
  }

  /** Normally distributed values for all of a buffer. */
  void fill(BufferView target) {
    var random = new Random(1);
    long count = target.buffer().bytes() / Float.BYTES;
    try (var arena = Arena.ofConfined()) {
      MemorySegment values = arena.allocate(ValueLayout.JAVA_FLOAT, count);
      for (long i = 0; i < count; i++) {
        values.setAtIndex(ValueLayout.JAVA_FLOAT, i, (float) random.nextGaussian());
      }
      session.write(target, values);
    }
  }

  void run() {
    session.run(List.of(Phase.INFER));
    session.finish();
  }

  @Override
  public void close() {
    session.close();
    backend.close();
  }
}
