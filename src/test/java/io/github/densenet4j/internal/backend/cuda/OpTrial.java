package io.github.densenet4j.internal.backend.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.github.densenet4j.internal.backend.Backend;
import io.github.densenet4j.internal.backend.Bits;
import io.github.densenet4j.internal.backend.SteppedNetwork;
import io.github.densenet4j.internal.backend.cpu.Control;
import io.github.densenet4j.internal.backend.cpu.CpuBackend;
import io.github.densenet4j.internal.backend.cpu.Operand;
import io.github.densenet4j.internal.backend.cpu.Outcome;
import io.github.densenet4j.internal.backend.cpu.Place;
import io.github.densenet4j.internal.backend.cpu.Tolerance;
import io.github.densenet4j.internal.program.Op;
import io.github.densenet4j.internal.program.Phase;
import io.github.densenet4j.internal.program.Program;
import io.github.densenet4j.internal.program.Workload;
import io.github.densenet4j.internal.tensor.Buffer;
import io.github.densenet4j.internal.tensor.Category;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * Runs one operation on the processor and on a CUDA device, from the same bits.
 *
 * <p>Foreign channels around slices, and destinations, hold a NaN beforehand; afterwards everything but the written
 * operands must have the same bits as before.
 */
final class OpTrial {
  private static final int UNWRITTEN = 0x7fc5a5a5;

  /** How channel slices lie in memory. */
  enum Spacing {
    /** The pitch is the number of channels. */
    PACKED(0, 0),
    /** Slices begin at any float. */
    ODD(1, 2),
    /** Slices begin at multiples of 16 bytes if their pixels are. */
    ALIGNED(4, 8);

    private final int before;
    private final int after;

    Spacing(int before, int after) {
      this.before = before;
      this.after = after;
    }
  }

  private final int batch;
  private final Spacing spacing;
  private final List<Operand> operands = new ArrayList<>();

  OpTrial(int batch, Spacing spacing) {
    this.batch = batch;
    this.spacing = spacing;
  }

  Operand source(String name, int channels, float[] values) {
    return operand(name, channels, spacing, false, Bits.of(values));
  }

  Operand destination(String name, int pixels, int channels) {
    var words = new int[pixels * channels];
    Arrays.fill(words, UNWRITTEN);
    return operand(name, channels, spacing, true, words);
  }

  /** An operand that is read and written. */
  Operand updated(String name, int channels, float[] values) {
    return operand(name, channels, spacing, true, Bits.of(values));
  }

  /** Values of which the operation knows no pitch. */
  Operand source(String name, float[] values) {
    return words(name, false, Bits.of(values));
  }

  Operand destination(String name, int count) {
    var words = new int[count];
    Arrays.fill(words, UNWRITTEN);
    return words(name, true, words);
  }

  Operand updated(String name, float[] values) {
    return words(name, true, Bits.of(values));
  }

  /** Integers, or halves of 8-byte values. */
  Operand words(String name, boolean written, int... words) {
    return operand(name, words.length, Spacing.PACKED, written, words);
  }

  Operand control(Control control) {
    return words("control", false, control.words());
  }

  private Operand operand(String name, int channels, Spacing around, boolean written, int[] words) {
    int pixels = words.length / channels;
    int pitch = around.before + channels + around.after;
    var buffer = new Buffer(name, "", Category.ACTIVATIONS, (long) pixels * pitch * Integer.BYTES, true);
    var operand = new Operand(new Place(buffer, pixels, channels, pitch, around.before), written, words);
    operands.add(operand);
    return operand;
  }

  Comparison run(Op op, CudaBackend device) {
    return new Comparison(op, execute(op, new CpuBackend(1), words -> words), execute(op, device, words -> words));
  }

  /** @param given what the operands' words are turned into beforehand */
  private Outcome execute(Op op, Backend backend, UnaryOperator<int[]> given) {
    var program = program(op);
    String label = op.stem() + " on " + backend.name();
    try (var session = backend.load(program, backend.plan(program))) {
      for (var operand : operands) {
        session.write(operand.place().buffer().view(), MemorySegment.ofArray(memory(operand, given)));
      }
      session.run(List.of(Phase.FORWARD));
      session.finish();
      var results = new IdentityHashMap<Operand, int[]>();
      for (var operand : operands) {
        int[] before = memory(operand, given);
        var after = new int[before.length];
        session.read(operand.place().buffer().view(), MemorySegment.ofArray(after));
        results.put(operand, operand.place().gather(after, 0));
        checkUntouched(label, operand, before, after);
      }
      return new Outcome(label, results);
    }
  }

  private static void checkUntouched(String label, Operand operand, int[] before, int[] after) {
    if (operand.written()) {
      operand.place().scatter(operand.place().gather(before, 0), after, 0);
    }
    assertThat(Arrays.mismatch(before, after))
        .as("%s: first word of %s that it changed and should not", label, operand.place().buffer())
        .isEqualTo(-1);
  }

  private static int[] memory(Operand operand, UnaryOperator<int[]> given) {
    var memory = new int[Math.toIntExact(operand.place().buffer().bytes() / Integer.BYTES)];
    Arrays.fill(memory, UNWRITTEN);
    operand.place().scatter(given.apply(operand.words()), memory, 0);
    return memory;
  }

  /** A program of nothing but {@code op}; its configuration plays no part. */
  private Program program(Op op) {
    var other = SteppedNetwork.program();
    return new Program(
        other.config(), other.lowering(), Workload.training(batch, 0, 0), other.parameters(), other.ports(),
        Map.of(Phase.FORWARD, List.of(op)));
  }

  /** What both made of all operands. */
  final class Comparison {
    private final Op op;
    private final Outcome processor;
    private final Outcome device;

    private Comparison(Op op, Outcome processor, Outcome device) {
      this.op = op;
      this.processor = processor;
      this.device = device;
    }

    Outcome processor() {
      return processor;
    }

    Outcome device() {
      return device;
    }

    void checkSameBits() {
      device.checkSameBits(processor);
    }

    /** @param tolerance of either against the true value */
    void check(Operand operand, Tolerance.OfValue tolerance) {
      device.check(operand, processor.values(operand), i -> 2 * tolerance.at(i));
    }

    /** Checks a result that is a sum of {@code terms} products of source values. */
    void checkSum(Operand operand, int terms) {
      double[] magnitudes = magnitudes(operand);
      check(operand, i -> Tolerance.of(terms, magnitudes[i]));
    }

    /** The same if the factors are rounded to TF32: some value shows that they are. */
    void checkRoundedSum(Operand operand, int terms) {
      double[] magnitudes = magnitudes(operand);
      check(operand, i -> Tolerance.of(terms, magnitudes[i]) + Tolerance.ofTf32Factors(magnitudes[i]) / 2);
      double[] exact = processor.values(operand);
      double[] rounded = device.values(operand);
      assertThat(IntStream.range(0, exact.length))
          .as("%s: values that float32 cannot explain", op.stem())
          .anyMatch(i -> Math.abs(rounded[i] - exact[i]) > 2 * Tolerance.of(terms, magnitudes[i]));
    }

    /** What the processor makes of absolute values: the magnitude of every result of an operation that is linear. */
    private double[] magnitudes(Operand operand) {
      UnaryOperator<int[]> absolute = words -> Arrays.stream(words).map(word -> word & Integer.MAX_VALUE).toArray();
      return execute(op, new CpuBackend(1), absolute).values(operand);
    }
  }
}
