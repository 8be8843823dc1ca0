package io.github.densenet4j.internal.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.config.DenseNetConfig;
import io.github.densenet4j.config.Stem;
import io.github.densenet4j.internal.backend.library.NativeCall;
import io.github.densenet4j.internal.program.Access;
import io.github.densenet4j.internal.program.Components;
import io.github.densenet4j.internal.program.FusedOp;
import io.github.densenet4j.internal.program.Lowerings;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Workload;
import io.github.densenet4j.internal.tensor.Buffer;
import io.github.densenet4j.internal.tensor.ChannelSlice;
import io.github.densenet4j.internal.tensor.ElementType;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every operation on tensors, alone, on the same values in bfloat16 as in float32, which other tests hold to float64.
 * The operations are those of small networks, and layers of awkward sizes; their operands are drawn anew.
 */
class BFloat16Test {
  /**
   * Of a tensor's largest value: both operands of a product, in 3x3 convolutions as their tiles transform them, and the
   * result are rounded by up to 2^-9 of themselves, and the sum of the magnitudes is up to a few times the largest sum.
   */
  private static final double ROUNDINGS = 3 * 0x1p-9 * 2;

  private static final List<DenseNetConfig> NETWORKS =
      List.of(
          new DenseNetConfig("BC", 12, List.of(2, 1), 24, 4, 0.5, 0, Stem.CIFAR, 3, 10, 10),
          new DenseNetConfig("wide BC", 32, List.of(2, 1), 40, 4, 0.5, 0, Stem.CIFAR, 3, 8, 10),
          new DenseNetConfig("odd sizes, dropout", 7, List.of(2, 1), 13, 3, 0.5, 0.2, Stem.CIFAR, 3, 9, 7),
          new DenseNetConfig("basic", 5, List.of(2, 1), 9, 0, 1, 0, Stem.CIFAR, 1, 7, 3),
          new DenseNetConfig("ImageNet stem", 8, List.of(1, 1), 13, 4, 0.5, 0, Stem.IMAGENET, 3, 32, 5));

  static Stream<Object[]> operations() {
    var ofNetworks =
        NETWORKS.stream()
            .flatMap(
                network -> {
                  var program = Lowerings.standard().lower(network, Workload.training(3, 0.9, 1e-4));
                  var layers =
                      program.ops(Phase.INFER).stream().filter(op -> op instanceof FusedOp.BottleneckInfer);
                  return Stream.of(
                          program.ops(Phase.FORWARD).stream(), program.ops(Phase.BACKWARD).stream(), layers)
                      .flatMap(ops -> ops)
                      .filter(op -> op instanceof FusedOp && slices((Record) op))
                      .flatMap(op -> onEveryInstructionSet(network.name(), op));
                });
    return Stream.concat(
        ofNetworks, BottleneckInferTest.ops().flatMap(op -> onEveryInstructionSet("layer", op)));
  }

  private static Stream<Object[]> onEveryInstructionSet(String name, Op op) {
    return OpHarness.INSTRUCTION_SETS.stream().map(isa -> new Object[] {name, op, isa});
  }

  @ParameterizedTest(name = "{0}, {2}: {1}")
  @MethodSource("operations")
  void doesWhatFloat32Does(String name, Op op, InstructionSet isa) {
    var drawn = new Drawn(op, name.hashCode());
    var expected = drawn.run(op, isa, 1);
    var narrow = (Op) inBFloat16((Record) op);
    var found = drawn.run(narrow, isa, 1);
    expected.forEach((buffer, values) -> assertThat(error(found.get(buffer), values)).as("%s", buffer)
        .isLessThan(ROUNDINGS));
    var threads = drawn.run(narrow, isa, 3);
    found.forEach((buffer, values) -> assertThat(threads.get(buffer)).as("%s on three threads", buffer)
        .isEqualTo(values));
  }

  private static boolean slices(Record record) {
    return Components.of(record).stream()
        .map(component -> Components.value(record, component))
        .anyMatch(value -> value instanceof ChannelSlice || value instanceof Record nested && slices(nested));
  }

  /** The same operation on the same channels of bfloat16 tensors in the same buffers. */
  private static Record inBFloat16(Record record) {
    if (record instanceof ChannelSlice(var data, long pitch, var _)) {
      var first = new ChannelSlice(data.buffer().view(), pitch, ElementType.BFLOAT16);
      return first.from(data.offset() / Float.BYTES);
    }
    var components = Components.of(record);
    Class<?>[] types = components.stream().map(component -> component.getType()).toArray(Class<?>[]::new);
    Object[] values =
        components.stream()
            .map(component -> Components.value(record, component))
            .map(value -> value instanceof Record nested ? inBFloat16(nested) : value)
            .toArray();
    try {
      return record.getClass().getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no copy of " + record, e);
    }
  }

  /** The largest difference, relative to the largest magnitude expected. */
  private static double error(float[] found, float[] expected) {
    double error = 0;
    double magnitude = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = Math.abs((double) found[i] - expected[i]);
      error = difference <= error ? error : difference; // NaN is kept
      magnitude = Math.max(magnitude, Math.abs(expected[i]));
    }
    return error / magnitude;
  }

  /** What the buffers of an operation hold before it runs: values that bfloat16 has. */
  private static final class Drawn {
    private final Map<Buffer, float[]> before = new IdentityHashMap<>();
    private final List<Buffer> written;

    Drawn(Op op, int seed) {
      var random = new SplittableRandom(seed);
      var accesses = Access.of(op);
      accesses.forEach(access -> before.computeIfAbsent(access.buffer(), buffer -> draw(buffer, random)));
      written = accesses.stream().filter(Access::writes).map(Access::buffer).distinct().toList();
    }

    private static float[] draw(Buffer buffer, SplittableRandom random) {
      var values = new float[Math.toIntExact(buffer.bytes() / Float.BYTES)];
      boolean positive = buffer.name().endsWith("variance");
      for (int i = 0; i < values.length; i++) {
        double value = positive ? random.nextDouble(0.5, 2) : random.nextGaussian();
        values[i] = Float.intBitsToFloat(Float.floatToRawIntBits((float) value) & 0xffff0000);
      }
      return values;
    }

    /** What the operation has written, by buffer. */
    Map<Buffer, float[]> run(Op op, InstructionSet isa, int threads) {
      var narrow = new HashSet<Buffer>();
      collectNarrow((Record) op, narrow);
      try (var arena = Arena.ofConfined()) {
        Map<Buffer, MemorySegment> memory = new IdentityHashMap<>();
        before.forEach((buffer, values) -> memory.put(buffer, segment(arena, values, narrow.contains(buffer))));
        call(arena, op, isa, threads, memory);
        Map<Buffer, float[]> after = new IdentityHashMap<>();
        written.forEach(buffer -> after.put(buffer, values(memory.get(buffer), narrow.contains(buffer))));
        return after;
      }
    }

    private static void collectNarrow(Record record, Set<Buffer> into) {
      for (var component : Components.of(record)) {
        switch (Components.value(record, component)) {
          case ChannelSlice slice when slice.type() == ElementType.BFLOAT16 -> into.add(slice.data().buffer());
          case Record nested -> collectNarrow(nested, into);
          default -> {}
        }
      }
    }

    private static MemorySegment segment(Arena arena, float[] values, boolean narrow) {
      int bytes = (narrow ? ElementType.BFLOAT16 : ElementType.FLOAT32).bytes();
      var segment = arena.allocate((long) values.length * bytes, 64);
      for (int i = 0; i < values.length; i++) {
        int bits = Float.floatToRawIntBits(values[i]);
        if (narrow) {
          segment.setAtIndex(ValueLayout.JAVA_SHORT, i, (short) (bits >>> 16));
        } else {
          segment.setAtIndex(ValueLayout.JAVA_INT, i, bits);
        }
      }
      return segment;
    }

    private static float[] values(MemorySegment segment, boolean narrow) {
      if (!narrow) {
        return segment.toArray(ValueLayout.JAVA_FLOAT);
      }
      short[] upper = segment.toArray(ValueLayout.JAVA_SHORT);
      var values = new float[upper.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = Float.intBitsToFloat(upper[i] << 16);
      }
      return values;
    }

    private static void call(
        Arena arena, Op op, InstructionSet isa, int threads, Map<Buffer, MemorySegment> memory) {
      long bytes = new CpuBackend(threads, isa).workspaceBytes(op);
      long workspace = arena.allocate(Math.max(bytes, 1), 64).address();
      var writer = new Arguments(
          view -> memory.get(view.buffer()).address() + view.offset());
      try {
        int status =
            (int) CpuLibrary.of(isa).kernel(op.stem()).run().invokeExact(
                writer.write(arena, op, workspace, bytes, threads));
        assertThat(status).as(op.stem()).isZero();
      } catch (Throwable e) {
        throw NativeCall.unexpected(e);
      }
    }
  }
}
